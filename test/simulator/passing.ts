import type { Play } from './acting.ts';
import { noteClosings } from './statements.ts';

/** Lets time pass, with terms that come into force on the way. */
export function passTo(play: Play, time: number): void {
  for (const next of play.coming.splice(0)) {
    if (next.at > time) {
      play.coming.push(next);
      continue;
    }
    noteClosings(play, next.at);
    play.model.passTo(next.at);
    play.model.terms = next.terms;
  }
  noteClosings(play, time);
  play.model.passTo(time);
  play.world.now = time;
}
