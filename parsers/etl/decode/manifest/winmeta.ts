/**
 * Names that every manifest may use without defining them, from Winmeta.xml of the Windows SDK, as published in
 * "LevelType Complex Type", "OpcodeType Complex Type" and "TaskType Complex Type" of the EventManifest schema's pages.
 * Certain; 240 is the one opcode beyond the tens that they define.
 */
export const WIN_LEVELS: ReadonlyMap<string, number> = new Map([
  ['win:LogAlways', 0],
  ['win:Critical', 1],
  ['win:Error', 2],
  ['win:Warning', 3],
  ['win:Informational', 4],
  ['win:Verbose', 5],
]);

export const WIN_OPCODES: ReadonlyMap<string, number> = new Map([
  ['win:Info', 0],
  ['win:Start', 1],
  ['win:Stop', 2],
  ['win:DC_Start', 3],
  ['win:DC_Stop', 4],
  ['win:Extension', 5],
  ['win:Reply', 6],
  ['win:Resume', 7],
  ['win:Suspend', 8],
  ['win:Send', 9],
  ['win:Receive', 240],
]);

export const WIN_TASKS: ReadonlyMap<string, number> = new Map([['win:None', 0]]);
