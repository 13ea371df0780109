import type { ASTNode } from '@marcbachmann/cel-js';

/** Why a condition is refused although it parses and type-checks: a place in its text and what is wrong there. */
export interface BoundsFault {
  readonly at: number;
  readonly message: string;
}

/** Functions a condition may call. Left out: what can run or grow without a bound (`matches`, `split`, `bind`, …). */
const allowed = new Set(
  (
    'size contains startsWith endsWith lowerAscii upperAscii trim indexOf lastIndexOf substring ' +
    'int double string timestamp duration has getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear ' +
    'getHours getMilliseconds getMinutes getMonth getSeconds'
  ).split(' '),
);

/** Macros that walk a list. */
const walks = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** Walks whose result may be walked again: it is never longer than what they walked. */
const chains = new Set(['filter', 'map']);

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function childrenOf(value: unknown): readonly ASTNode[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(childrenOf) : [];
}

const isPurchase = (node: ASTNode): boolean => node.op === 'id' && node.args === 'purchase';

const isLines = (node: ASTNode): boolean =>
  node.op === '.' && node.args[1] === 'lines' && isPurchase(node.args[0]);

function isWalkable(node: ASTNode): boolean {
  if (isLines(node) || node.op === 'list') return true;
  return node.op === 'rcall' && chains.has(node.args[0]) && isWalkable(node.args[1]);
}

function callFault(node: ASTNode, inWalk: boolean): string | null {
  if (node.op !== 'call' && node.op !== 'rcall') return null;
  const name = node.args[0];
  if (walks.has(name)) {
    if (inWalk) return `${name}() inside another walk over a list`;
    const walkable = node.op === 'rcall' && isWalkable(node.args[1]);
    return walkable ? null : `${name}() on something else than purchase.lines or a list that is written out`;
  }
  if (!allowed.has(name)) return `the function ${name}() is not available in conditions`;
  return inWalk && name.startsWith('get') ? `${name}() inside a walk over a list: take it outside` : null;
}

function faultOf(node: ASTNode, inWalk: boolean): BoundsFault | null {
  const message = callFault(node, inWalk);
  if (message !== null) return { at: node.start, message };
  // The whole purchase, or its lines, used within a walk would make the work grow with the square of the lines.
  if (inWalk && isLines(node)) return { at: node.start, message: 'purchase.lines inside a walk over a list' };
  if (node.op === '.' && isPurchase(node.args[0])) return null;
  if (isPurchase(node)) return { at: node.start, message: 'purchase without one of its fields' };
  if (node.op === 'rcall' && walks.has(node.args[0])) {
    const [, receiver, body] = node.args;
    return faultOf(receiver, inWalk) ?? firstFault(childrenOf(body), true);
  }
  return firstFault(childrenOf(node.args), inWalk);
}

function firstFault(nodes: readonly ASTNode[], inWalk: boolean): BoundsFault | null {
  for (const node of nodes) {
    const fault = faultOf(node, inWalk);
    if (fault) return fault;
  }
  return null;
}

/**
 * Finds what would let a condition's work grow faster than its length times the purchase's lines: nested walks, regular
 * expressions (JavaScript's backtrack without limit), values that double. Gives the first, or null if there is none.
 */
export const boundsFault = (ast: ASTNode): BoundsFault | null => faultOf(ast, false);

/** What running a condition costs: its nodes, once, or once for every element where it walks a list. */
export interface ConditionWork {
  readonly nodes: number;
  readonly walks: boolean;
}

/** Counts an expression's nodes. */
export function workOf(ast: ASTNode): ConditionWork {
  const parts = childrenOf(ast.args).map(workOf);
  return {
    nodes: parts.reduce((sum, { nodes }) => sum + nodes, 1),
    walks: (ast.op === 'rcall' && walks.has(ast.args[0])) || parts.some((part) => part.walks),
  };
}
