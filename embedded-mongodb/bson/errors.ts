import type { Document } from 'bson';

/** The names that a MongoDB server gives to its error codes; any other code is called `Location<code>`. */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: 'InternalError',
  2: 'BadValue',
  4: 'NoSuchKey',
  6: 'HostUnreachable',
  8: 'UnknownError',
  9: 'FailedToParse',
  11: 'UserNotFound',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  17: 'ProtocolError',
  18: 'AuthenticationFailed',
  20: 'IllegalOperation',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  57: 'DottedFieldName',
  59: 'CommandNotFound',
  64: 'WriteConcernFailed',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  68: 'IndexAlreadyExists',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  79: 'UnknownReplWriteConcern',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  91: 'ShutdownInProgress',
  96: 'OperationFailed',
  100: 'UnsatisfiableWriteConcern',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  117: 'ConflictingOperationInProgress',
  121: 'DocumentValidationFailure',
  125: 'CommandFailed',
  146: 'ExceededMemoryLimit',
  165: 'ViewDepthLimitExceeded',
  166: 'CommandNotSupportedOnView',
  168: 'InvalidPipelineOperator',
  175: 'QueryPlanKilled',
  189: 'PrimarySteppedDown',
  197: 'InvalidIndexSpecificationOption',
  206: 'NoSuchSession',
  217: 'IncompleteTransactionHistory',
  222: 'CloseCursor',
  225: 'TransactionTooOld',
  229: 'QueryFeatureNotAllowed',
  237: 'CursorKilled',
  238: 'NotImplemented',
  239: 'SnapshotTooOld',
  241: 'ConversionFailure',
  244: 'TransactionAborted',
  246: 'SnapshotUnavailable',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  257: 'TransactionTooLarge',
  261: 'TooManyLogicalSessions',
  263: 'OperationNotSupportedInTransaction',
  279: 'LockTimeout',
  280: 'ChangeStreamFatalError',
  286: 'ChangeStreamHistoryLost',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  334: 'MechanismUnavailable',
  10107: 'NotWritablePrimary',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
  11601: 'Interrupted',
  13388: 'StaleConfig',
  13435: 'NotPrimaryNoSecondaryOk',
  13436: 'NotPrimaryOrSecondary',
};

/** What an error may carry besides its code and message. */
export interface ServerErrorDetails {
  /** Labels such as `TransientTransactionError`, sent beside the code. */
  readonly errorLabels?: readonly string[];
  /** Further fields of the reply, such as `keyPattern` and `keyValue` of a duplicate key. */
  readonly extra?: Document;
}

/** An error that a client sees as `{ ok: 0, code, codeName, errmsg }`, with the code a real server uses. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: number;
  readonly codeName: string;
  readonly errorLabels: readonly string[];
  readonly extra: Document;

  constructor(code: number, message: string, details: ServerErrorDetails = {}) {
    super(message);
    this.code = code;
    this.codeName = codeNameOf(code);
    this.errorLabels = details.errorLabels ?? [];
    this.extra = details.extra ?? {};
  }
}

/** The name of an error code as the server prints it. */
export function codeNameOf(code: number): string {
  return CODE_NAMES[code] ?? `Location${code}`;
}

/** Code 2: a value in the request makes no sense where it stands. */
export function badValue(message: string): ServerError {
  return new ServerError(2, message);
}

/** Code 9: the request is not shaped as the command or operator demands. */
export function failedToParse(message: string): ServerError {
  return new ServerError(9, message);
}

/** Code 14: a value has a type that the operator cannot work with. */
export function typeMismatch(message: string): ServerError {
  return new ServerError(14, message);
}
