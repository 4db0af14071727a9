/**
 * Headers of stacks, and what they say of the columns below.
 *
 *     ChildEBP RetAddr  Args to Child
 *      # Child-SP          RetAddr               : Args to Child                        : Call Site
 *     RetAddr           : Args to Child                                                 : Call Site
 *      #   Memory  ChildEBP RetAddr
 *     Child-SP          Child-BSP         RetAddr
 *     FramePtr  RetAddr   Param1   Param2   Param3   Function Name
 *      # Call Site
 */

export interface FrameColumns {
  /** `kf` prints the size of each frame first. */
  readonly hasMemory: boolean;
  /** Mixed code (ARM64EC) prints the architecture. */
  readonly hasArchitecture: boolean;
  /** Child-SP or ChildEBP. */
  readonly hasStackPointer: boolean;
  /** Itanium's second stack; symbols may be missing there. */
  readonly hasBackingStore: boolean;
  readonly hasReturn: boolean;
  readonly hasArguments: boolean;
}

/** Of rows without a header. */
export const USUAL: FrameColumns = {
  hasMemory: false,
  hasArchitecture: false,
  hasStackPointer: true,
  hasBackingStore: false,
  hasReturn: true,
  hasArguments: false,
};

const NUMBER = '(?:#\\s{0,40})?';
const POINTER = '(Child-?SP|ChildEBP|FramePtr|Callee-SP)?\\s{0,40}(Child-?BSP\\s{1,40})?';
const ARGUMENTS =
  '(?:\\s{0,99}:?\\s{0,99}(Args to Child|Arguments to Callee|Param1\\s{1,9}Param2(?:\\s{1,9}Param\\d){1,2}))?';
const SITE = '(?:\\s{0,99}:?\\s{0,99}(?:Call Site|Function Name))?';
/** People write remarks behind headers too. */
const REMARK = '(?:\\s{1,99}(?://|<-).{0,200})?';
const HEADER = new RegExp(
  `^${NUMBER}(Memory\\s{1,40})?(Arch\\s{1,40})?${POINTER}(?:RetAddr|Return-?RA)\\s{0,9}(?:\\(Site\\))?${ARGUMENTS}${SITE}${REMARK}$`,
  'i',
);
const SITE_ONLY = /^#?\s{0,40}Call Site$/i;

/** Whether a line can be a header, by its first character: `#`, `C`, `F`, `M`, `R`, `A`. */
export function mayBeHeader(trimmed: string): boolean {
  switch (trimmed.charCodeAt(0)) {
    case 0x23:
    case 0x41:
    case 0x43:
    case 0x46:
    case 0x4d:
    case 0x52:
      return true;
    default:
      return false;
  }
}

/** The columns below a header; null where the line is none. */
export function columnsOf(trimmed: string): FrameColumns | null {
  if (!mayBeHeader(trimmed) || trimmed.length > 400) return null;
  const match = HEADER.exec(trimmed);
  if (match === null) return SITE_ONLY.test(trimmed) ? { ...USUAL, hasStackPointer: false, hasReturn: false } : null;
  const [, memory, architecture, pointer, backing, args] = match;
  return {
    hasMemory: memory !== undefined,
    hasArchitecture: architecture !== undefined,
    hasStackPointer: pointer !== undefined,
    hasBackingStore: backing !== undefined,
    hasReturn: true,
    hasArguments: args !== undefined,
  };
}
