/**
 * Input types by their number (TDH_INTYPE_* of tdh.h), as manifests name them. From 300 on those of MOF classes, which
 * tdh.h describes: a character is a u16 or u8, a SIZET a pointer. Four of these have no counterpart in a manifest and go by
 * tdh.h's names. Verified in files: 1, 2, 4, 6 to 8, 10, 13 to 17.
 */
const IN_TYPES: Readonly<Record<number, string>> = {
  1: 'unicodestring',
  2: 'ansistring',
  3: 'int8',
  4: 'uint8',
  5: 'int16',
  6: 'uint16',
  7: 'int32',
  8: 'uint32',
  9: 'int64',
  10: 'uint64',
  11: 'float',
  12: 'double',
  13: 'boolean',
  14: 'binary',
  15: 'guid',
  16: 'pointer',
  17: 'filetime',
  18: 'systemtime',
  19: 'sid',
  20: 'hexint32',
  21: 'hexint64',
  22: 'countedunicodestring',
  23: 'countedansistring',
  25: 'countedbinary',
  300: 'countedunicodestring',
  301: 'countedansistring',
  302: 'reversedcountedstring',
  303: 'reversedcountedansistring',
  304: 'nonnullterminatedstring',
  305: 'nonnullterminatedansistring',
  306: 'uint16',
  307: 'uint8',
  308: 'pointer',
  309: 'hexdump',
  310: 'wbemsid',
};

const UNICODE_CHAR = 306;
const ANSI_CHAR = 307;

/** TDH_OUTTYPE_* of tdh.h from 1 on. Verified in files: 1, 4, 6 to 8, 10, 13, 14, 2, 18 to 20, 25. */
const OUT_TYPES: readonly string[] = [
  'string',
  'datetime',
  'byte',
  'unsignedbyte',
  'short',
  'unsignedshort',
  'int',
  'unsignedint',
  'long',
  'unsignedlong',
  'float',
  'double',
  'boolean',
  'guid',
  'hexbinary',
  'hexint8',
  'hexint16',
  'hexint32',
  'hexint64',
  'pid',
  'tid',
  'port',
  'ipv4',
  'ipv6',
  'socketaddress',
  'cimdatetime',
  'etwtime',
  'xml',
  'errorcode',
  'win32error',
  'ntstatus',
  'hresult',
  'datetimecultureinsensitive',
  'json',
  'utf8',
  'pkcs7withtypeinfo',
  'codepointer',
  'datetimeutc',
];

/** As `IN_TYPES` of manifests spells it; a number that tdh.h does not have stays one, and no type is of that name. */
export const inTypeName = (type: number): string => IN_TYPES[type] ?? `type ${type}`;

/** Null where the description leaves it to the input type. */
export function outTypeName(inType: number, outType: number): string | null {
  const isChar = inType === UNICODE_CHAR || inType === ANSI_CHAR;
  return OUT_TYPES[outType - 1] ?? (isChar ? 'string' : null);
}
