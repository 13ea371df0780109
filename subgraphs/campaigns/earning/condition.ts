import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { boundsFault, type ConditionWork, workOf } from './condition-bounds.ts';

/** Most characters of a condition. */
export const conditionLengthMax = 1_000;

/** What a condition reads of a purchase's line. */
export interface ConditionLine {
  readonly id: string;
  readonly sku: string;
  readonly category: string;
  readonly quantity: bigint;
  readonly amount: bigint;
}

/** What a condition reads. Instants are UTC; amounts are minor units; a line without a category has an empty one. */
export interface ConditionFacts {
  readonly purchase: {
    readonly total: bigint;
    readonly currency: string;
    readonly merchantId: string;
    readonly at: Date;
    readonly lines: readonly ConditionLine[];
  };
  readonly member: { readonly id: string; readonly registeredAt: Date };
  readonly now: Date;
}

/** What a condition came to. FAILED: it could not be evaluated on this purchase, e.g. it divided by zero. */
export type ConditionResult = 'TRUE' | 'FALSE' | 'FAILED';

/** A condition ready to run; never throws. */
export type Condition = (facts: ConditionFacts) => ConditionResult;

/** A condition that was compiled, or what is wrong with it and where (0-based place in its text). */
export type Compiled =
  | { readonly ok: true; readonly run: Condition; readonly work: ConditionWork }
  | { readonly ok: false; readonly message: string; readonly at: number };

// CEL tells types apart by constructor, so the values it is given are instances of these three.
class Line {
  constructor(value: ConditionLine) {
    Object.assign(this, value);
  }
}
class Purchase {
  constructor(value: ConditionFacts['purchase']) {
    Object.assign(this, value, { lines: value.lines.map((line) => new Line(line)) });
  }
}
class Member {
  constructor(value: ConditionFacts['member']) {
    Object.assign(this, value);
  }
}

const instant = 'google.protobuf.Timestamp';

const environment = new Environment({
  limits: { maxAstNodes: 400, maxDepth: 24, maxListElements: 250, maxMapEntries: 0, maxCallArguments: 4 },
})
  .registerType('Line', {
    ctor: Line,
    fields: { id: 'string', sku: 'string', category: 'string', quantity: 'int', amount: 'int' },
  })
  .registerType('Purchase', {
    ctor: Purchase,
    fields: { total: 'int', currency: 'string', merchantId: 'string', at: instant, lines: 'list<Line>' },
  })
  .registerType('Member', { ctor: Member, fields: { id: 'string', registeredAt: instant } })
  .registerVariable('purchase', 'Purchase')
  .registerVariable('member', 'Member')
  .registerVariable('now', instant);

interface CelFault {
  readonly summary?: string;
  readonly message?: string;
  readonly range?: { readonly start: number };
}

function refused(error: unknown): Compiled {
  const { summary, message, range } = error as CelFault;
  return { ok: false, message: summary ?? message ?? String(error), at: range?.start ?? 0 };
}

function parsed(text: string): ParseResult | Compiled {
  try {
    return environment.parse(text);
  } catch (error) {
    return refused(error);
  }
}

const prepared = new WeakMap<ConditionFacts, Record<string, unknown>>();

/** The facts as CEL wants them, made once however many conditions read them. */
function contextOf(facts: ConditionFacts): Record<string, unknown> {
  const known = prepared.get(facts);
  if (known) return known;
  const { purchase, member, now } = facts;
  const context = { purchase: new Purchase(purchase), member: new Member(member), now };
  prepared.set(facts, context);
  return context;
}

function run(program: ParseResult, facts: ConditionFacts): ConditionResult {
  try {
    const value: unknown = program(contextOf(facts));
    if (typeof value !== 'boolean') return 'FAILED';
    return value ? 'TRUE' : 'FALSE';
  } catch {
    return 'FAILED';
  }
}

/**
 * Compiles a CEL condition: it must parse, type-check against the variables that purchases have, answer a boolean and
 * stay within bounds, so that running it costs at most its length times the purchase's lines.
 */
export function compileCondition(text: string): Compiled {
  if (text.length > conditionLengthMax)
    return { ok: false, message: `longer than ${conditionLengthMax} characters`, at: conditionLengthMax };
  const program = parsed(text);
  if (typeof program !== 'function') return program;
  const fault = boundsFault(program.ast);
  if (fault) return { ok: false, ...fault };
  const checked = program.check();
  if (!checked.valid) return refused(checked.error);
  if (checked.type !== 'bool') return { ok: false, message: `answers ${checked.type}, not a boolean`, at: 0 };
  return { ok: true, run: (facts) => run(program, facts), work: workOf(program.ast) };
}
