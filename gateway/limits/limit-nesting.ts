import type { Request, RequestHandler } from 'express';
import { Lexer, Source, TokenKind } from 'graphql';
import type { Limits } from '../config.ts';

/** Most brackets of an operation's text inside one another; reading more would end in an overflow of the stack. */
const mostNested = 200;

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/**
 * Whether a text has more brackets inside one another than are allowed. What is no GraphQL, and what has more tokens than are
 * parsed, is left to its parser.
 */
function isTooNested(text: string, mostTokens: number): boolean {
  const lexer = new Lexer(new Source(text));
  let nested = 0;
  try {
    let { kind } = lexer.advance();
    for (let read = 1; kind !== TokenKind.EOF && read <= mostTokens; read += 1, { kind } = lexer.advance()) {
      if (opening.includes(kind)) nested += 1;
      else if (closing.includes(kind)) nested -= 1;
      if (nested > mostNested) return true;
    }
  } catch {
    return false;
  }
  return false;
}

/** The operation's text as GraphQL reads it: of a GET from its address, all of it. */
const textOf = ({ method, originalUrl, body }: Request): unknown =>
  method === 'POST' ? body?.query : new URL(originalUrl, 'http://gateway').searchParams.get('query');

/** Refuses an operation whose text nests too deeply, whatever it asks for, before it is parsed. */
export const limitNesting =
  ({ tokens }: Pick<Limits, 'tokens'>): RequestHandler =>
  (request, response, next) => {
    const text = textOf(request);
    if (typeof text !== 'string' || !isTooNested(text, tokens)) return next();
    const message = `The operation nests too deeply; at most ${mostNested} brackets inside one another are allowed.`;
    response.status(400).json({ errors: [{ message, extensions: { code: 'OPERATION_TOO_LARGE' } }] });
  };
