import { describe, expect, it } from 'vitest';
import { codeNamed, countOfCodes, knownCode } from '../src/analyses/errors/codes/lookup.js';
import { statusCodesIn } from '../src/analyses/errors/status-codes.js';

const short = (text: string) => statusCodesIn(text).map((c) => `${c.kind} ${c.hex} ${c.name} ${c.severity}`);

describe('tables', () => {
  it('name the codes of the field', () => {
    expect(countOfCodes('ntstatus')).toBeGreaterThanOrEqual(350);
    expect(countOfCodes('win32')).toBeGreaterThanOrEqual(400);
    expect(countOfCodes('hresult')).toBeGreaterThanOrEqual(120);
  });

  it.each([
    ['ntstatus', 0xc0000034, 'STATUS_OBJECT_NAME_NOT_FOUND'],
    ['ntstatus', 0xc00000bb, 'STATUS_NOT_SUPPORTED'],
    ['ntstatus', 0xc000009a, 'STATUS_INSUFFICIENT_RESOURCES'],
    ['ntstatus', 0xc0000185, 'STATUS_IO_DEVICE_ERROR'],
    ['ntstatus', 0xc0000374, 'STATUS_HEAP_CORRUPTION'],
    ['ntstatus', 0x80000005, 'STATUS_BUFFER_OVERFLOW'],
    ['ntstatus', 0x103, 'STATUS_PENDING'],
    ['win32', 5, 'ERROR_ACCESS_DENIED'],
    ['win32', 112, 'ERROR_DISK_FULL'],
    ['win32', 1053, 'ERROR_SERVICE_REQUEST_TIMEOUT'],
    ['win32', 1450, 'ERROR_NO_SYSTEM_RESOURCES'],
    ['win32', 10054, 'WSAECONNRESET'],
    ['win32', 10060, 'WSAETIMEDOUT'],
    ['win32', 1722, 'RPC_S_SERVER_UNAVAILABLE'],
    ['hresult', 0x80070005, 'E_ACCESSDENIED'],
    ['hresult', 0x80131500, 'COR_E_EXCEPTION'],
    ['hresult', 0x80131621, 'COR_E_FILELOAD'],
    ['hresult', 0x8024402c, 'WU_E_PT_WINHTTP_NAME_NOT_RESOLVED'],
    ['hresult', 0x80310000, 'FVE_E_LOCKED_VOLUME'],
    ['hresult', 0x80040154, 'REGDB_E_CLASSNOTREG'],
    ['hresult', 0x800706ba, undefined],
    ['errno', 13, 'EACCES'],
  ] as const)('%s %i is %s', (kind, value, name) => {
    expect(knownCode(kind, value)?.name).toBe(name);
    if (name !== undefined) expect(codeNamed(name)?.value).toBe(value);
  });

  it('have a short description for each', () => {
    for (const name of ['STATUS_TIMEOUT', 'ERROR_BUSY', 'E_FAIL', 'ENOSPC', 'NO_ERROR']) {
      expect(codeNamed(name)?.description).toMatch(/^.{2,80}$/);
    }
  });
});

describe('NTSTATUS', () => {
  it.each([
    ['returned 0xc0000034', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['status c0000034', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['NTSTATUS=C0000034', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['ntStatus = 0xC0000022', 'ntstatus 0xc0000022 STATUS_ACCESS_DENIED error'],
    ['it was STATUS_OBJECT_NAME_NOT_FOUND', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['0xc0000034(STATUS_OBJECT_NAME_NOT_FOUND)', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['STATUS_OBJECT_NAME_NOT_FOUND (0xc0000034)', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['exit with -1073741772', 'ntstatus 0xc0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['exited with code 3221225477', 'ntstatus 0xc0000005 STATUS_ACCESS_VIOLATION error'],
    ['Exception code: 0xc0000005', 'ntstatus 0xc0000005 STATUS_ACCESS_VIOLATION error'],
    ['Ausnahmecode: 0xc0000374', 'ntstatus 0xc0000374 STATUS_HEAP_CORRUPTION error'],
    ['handler, 0xc00000bb', 'ntstatus 0xc00000bb STATUS_NOT_SUPPORTED error'],
    ['status 0xffffffffc0000022', 'ntstatus 0xc0000022 STATUS_ACCESS_DENIED error'],
    ['status 0x00000103', 'ntstatus 0x00000103 STATUS_PENDING success'],
    ['status 0x80000005', 'ntstatus 0x80000005 STATUS_BUFFER_OVERFLOW warning'],
    ['status 0x40000000', 'ntstatus 0x40000000 STATUS_OBJECT_NAME_EXISTS information'],
    ['Status: 0', 'ntstatus 0x00000000 STATUS_SUCCESS success'],
    ['status 0x00000000(STATUS_SUCCESS)', 'ntstatus 0x00000000 STATUS_SUCCESS success'],
    ['failed with status 0xc0123456', 'ntstatus 0xc0123456 null error'],
    ['status 0xc0ff0001(STATUS_VENDOR_LINK_DOWN)', 'ntstatus 0xc0ff0001 STATUS_VENDOR_LINK_DOWN error'],
    ['exception 0xe06d7363 thrown', 'ntstatus 0xe06d7363 EH_EXCEPTION_NUMBER error'],
    ['Beenden, Status 0xc0000120', 'ntstatus 0xc0000120 STATUS_CANCELLED error'],
  ])('%s', (text, code) => {
    expect(short(text)).toEqual([code]);
  });
});

describe('HRESULT', () => {
  it.each([
    ['(0x80070005)', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['hr=80070005', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['E_ACCESSDENIED', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['returned -2147024891', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['(Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['hr = 0x800706ba', 'hresult 0x800706ba RPC_S_SERVER_UNAVAILABLE error'],
    ['error 0x80070070', 'hresult 0x80070070 ERROR_DISK_FULL error'],
    ['HRESULT 0xd0000034', 'hresult 0xd0000034 STATUS_OBJECT_NAME_NOT_FOUND error'],
    ['hr: 0x8024ffee', 'hresult 0x8024ffee null error'],
    ['hr=0x0', 'hresult 0x00000000 S_OK success'],
    ['hr = S_FALSE', 'hresult 0x00000001 S_FALSE success'],
    ['hResult 0x80004005', 'hresult 0x80004005 E_FAIL error'],
    ['Installation Failure: error 0x80240022', 'hresult 0x80240022 WU_E_ALL_UPDATES_FAILED error'],
    ['code 2147942405 returned', ''],
    ['error 2147942405', 'hresult 0x80070005 E_ACCESSDENIED error'],
  ])('%s', (text, code) => {
    expect(short(text)).toEqual(code === '' ? [] : [code]);
  });

  it('says which facility an unknown code belongs to', () => {
    expect(statusCodesIn('hr 0x8024ffee')[0].description).toBe('a code of Windows Update');
  });
});

describe('Win32, Winsock and errno', () => {
  it.each([
    ['error 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['System error 5 has occurred.', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['GetLastError() = 1450', 'win32 0x000005aa ERROR_NO_SYSTEM_RESOURCES error'],
    ['GetLastError returned 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['ReadFile returned 5', ''],
    ['dwError=32', 'win32 0x00000020 ERROR_SHARING_VIOLATION error'],
    ['Win32 error 0x5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed (5)', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed with 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed 5', ''],
    ['Win32Exception (5): Access is denied', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['Error=112', 'win32 0x00000070 ERROR_DISK_FULL error'],
    ['ERROR_DISK_FULL', 'win32 0x00000070 ERROR_DISK_FULL error'],
    ['error code: 1067', 'win32 0x0000042b ERROR_PROCESS_ABORTED error'],
    ['Fehlercode 1068', 'win32 0x0000042c ERROR_SERVICE_DEPENDENCY_FAIL error'],
    ['erreur 2', 'win32 0x00000002 ERROR_FILE_NOT_FOUND error'],
    ['ошибка 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['错误 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['WSAGetLastError: 10054', 'win32 0x00002746 WSAECONNRESET error'],
    ['CreateFile failed, error 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed: error 5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed: 0x5', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['CreateFile failed: 0x80070005', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['CreateFile failed: 80070005', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['CreateFile failed: -2147024891', 'hresult 0x80070005 E_ACCESSDENIED error'],
    ['CreateFile failed: 5 (ERROR_ACCESS_DENIED)', 'win32 0x00000005 ERROR_ACCESS_DENIED error'],
    ['recv failed: 10060', 'win32 0x0000274c WSAETIMEDOUT error'],
    ['connect: WSAECONNREFUSED', 'win32 0x0000274d WSAECONNREFUSED error'],
    ['errno 13', 'errno 0x0000000d EACCES error'],
    ['errno=2 (ENOENT)', 'errno 0x00000002 ENOENT error'],
    ['errno 104', 'errno 0x00000068 null error'],
    ['errno 104 (ECONNRESET)', 'errno 0x00000068 ECONNRESET error'],
    ['connect: ECONNREFUSED', 'errno 0x0000006b ECONNREFUSED error'],
    ['error 0', 'win32 0x00000000 ERROR_SUCCESS success'],
    ['error code 0', 'win32 0x00000000 ERROR_SUCCESS success'],
    ['NO_ERROR', 'win32 0x00000000 ERROR_SUCCESS success'],
    ['LastError=997', 'win32 0x000003e5 ERROR_IO_PENDING information'],
  ])('%s', (text, code) => {
    expect(short(text)).toEqual(code === '' ? [] : [code]);
  });
});

describe('what is no code', () => {
  it.each([
    'bare numbers: 5 112 1450 and 10054',
    'base address 0xc0000005',
    'range 0xc0000000-0xc0000022',
    'DesiredAccess=0x80000000',
    'HANDLE=800004D4',
    'PDEVICE_OBJECT=8BDFB030',
    'hDevice=7417FC10',
    'length 0xc0000034',
    'flags 0x80000005',
    'key 0x80000002',
    'nt!KiPageFault+0xc0000005',
    'fffff800`c0000005 is where it is',
    '0xffff910fbef98bb0',
    '0x00000001(TRUE)',
    '0x0000000b(IRP_MN_REGINFO_EX)',
    'Object Type 0x1036 does not have a lock order',
    'c0000034 without a word in front',
    '0x80000003 without a word in front',
    'error 5 times',
    'error 3 of 8',
    'errors: 5',
    'errors=2',
    'Done: failed=3',
    'failed: 5',
    'failed = 5, passed = 7',
    'nFailed=5',
    'failure: 3',
    'failures=2',
    'failed=10060',
    'error 12 files were skipped',
    'HTTP error 5',
    'SQL error 5',
    'error 404',
    'at 10:05:11.005',
    'error 10.0.0.5',
    'error 5.2',
    'STATUS_BAR_READY and ERROR_ICON',
    'status 5',
    'version 3221225477',
    'guid 93367d0f-35ce-4ec4-8e38-bb33030c58b2',
    '',
  ])('%s', (text) => {
    expect(short(text)).toEqual([]);
  });
});

describe('places', () => {
  it('gives text and offset, the name beside it included', () => {
    const text =
      'MaxRestartCount, WdfRegistryQueryULong returned 0xc0000034(STATUS_OBJECT_NAME_NOT_FOUND), then E_FAIL';
    const codes = statusCodesIn(text);
    expect(codes.map((c) => c.text)).toEqual(['0xc0000034(STATUS_OBJECT_NAME_NOT_FOUND)', 'E_FAIL']);
    for (const code of codes) expect(text.startsWith(code.text, code.at)).toBe(true);
    expect(codes.map((c) => c.announced)).toEqual([true, false]);
  });

  it('joins a name and its number in any order, and keeps two codes apart', () => {
    expect(statusCodesIn('STATUS_TIMEOUT (0x102)').map((c) => c.text)).toEqual(['STATUS_TIMEOUT (0x102)']);
    expect(short('status 0xc0000022, hr 0x80004005')).toHaveLength(2);
  });

  it.each(['0x', 'status ', 'A', 'STATUS_', '(', ' ', '-', '0xc0000022 ', 'GetLastError()=', 'é'])(
    'reads 64 KB of %s in time that grows with the length',
    (piece) => {
      const start = performance.now();
      statusCodesIn(piece.repeat(Math.ceil(65536 / piece.length)));
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );
});
