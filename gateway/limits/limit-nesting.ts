import type { RequestHandler } from 'express';
import { Lexer, Source, TokenKind } from 'graphql';

/** Most brackets of an operation's text inside one another; reading more would end in an overflow of the stack. */
const mostNested = 200;

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Whether a text has more brackets inside one another than are allowed. What is no GraphQL is left to its parser. */
function isTooNested(text: string): boolean {
  const lexer = new Lexer(new Source(text));
  let nested = 0;
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      if (opening.includes(kind)) nested += 1;
      else if (closing.includes(kind)) nested -= 1;
      if (nested > mostNested) return true;
    }
  } catch {
    return false;
  }
  return false;
}

/** Refuses an operation whose text nests too deeply, whatever it asks for, before it is parsed. */
export const limitNesting: RequestHandler = (request, response, next) => {
  const text: unknown = request.method === 'GET' ? request.query['query'] : request.body?.query;
  if (typeof text !== 'string' || !isTooNested(text)) return next();
  const message = `The operation nests too deeply; at most ${mostNested} brackets inside one another are allowed.`;
  response.status(400).json({ errors: [{ message, extensions: { code: 'OPERATION_TOO_LARGE' } }] });
};
