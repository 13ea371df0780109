import type { ReadView } from '../transactions/read-view.ts';
import type { CommandContext } from './context.ts';

/** What stages that read or write other collections need. */
export function pipelineContext(_context: CommandContext, _view: ReadView): undefined {
  return undefined;
}
