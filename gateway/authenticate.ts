import type { RequestHandler } from 'express';
import type { OutsideCaller } from '../subgraphs/shared/caller.ts';
import { BadToken, type TokenVerifier } from './token/verifier.ts';

/** Who sent a request, for as long as it lives. */
export interface Callers {
  /** Lets a request through once its token has been verified; 401 where one is presented that does not hold. */
  readonly handler: RequestHandler;
  callerOf(request: object): OutsideCaller;
}

/** Verifies each request's token once. A request never becomes PUBLIC because its token does not hold. */
export function authenticate(verify: TokenVerifier): Callers {
  const callers = new WeakMap<object, OutsideCaller>();
  const handler: RequestHandler = async (request, response, next) => {
    try {
      callers.set(request, await verify(request.header('authorization')));
    } catch (error) {
      if (!(error instanceof BadToken)) return next(error);
      response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
      response.status(401).json({
        errors: [{ message: `Not let in: ${error.message}.`, extensions: { code: 'UNAUTHENTICATED' } }],
      });
      return;
    }
    next();
  };
  return { handler, callerOf: (request) => callers.get(request)! };
}
