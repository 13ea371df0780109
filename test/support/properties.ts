import fc from 'fast-check';

/**
 * Property tests make the same runs each time, so that a change is never turned down for what another one brought.
 * `PROPERTY_SEED=7 npm test` makes other runs, to search for what these do not find.
 */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_260_610) });

export { fc };
