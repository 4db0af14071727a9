import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Level, severityOf } from '../src/analyses/errors/severity.js';
import { statusCodesIn } from '../src/analyses/errors/status-codes.js';
import { realFile } from './support/shared.js';

const facts = { level: null, eventId: null, provider: null, channel: null };
const of = (message: string, more: Partial<typeof facts | Record<string, unknown>> = {}) =>
  severityOf({ ...facts, ...more, message } as Parameters<typeof severityOf>[0]);

/** A line a sentence; the level stands above them. Nothing said is `none`. */
const SENTENCES: Record<string, Record<string, string>> = {
  'markers and what is fatal': {
    critical: `
      Fatal: cannot continue
      [FATAL] out of memory
      CRITICAL: database unreachable
      A fatal error occurred while creating a TLS client credential
      Error: fatal error in the parser
      Kernel panic - not syncing
      The system detected an unrecoverable condition
      F/libc(2034): Fatal signal 11`,
    error: `
      Error: [DB Driver] Not enough space on temp disk
      [ERROR] the queue is gone
      ERR connection 5 closed by the peer
      E/ActivityManager(123): process gone
      ***ERROR*** bus reset
      <Error> reader gone
      ERROR - page 3
      Error 5: Access is denied
      2024-05-01 10:00:00,123 [main] ERROR com.foo.Bar - boom
      10:05:11.005 ERROR boom
      [DB Driver] Error: what now
      db: error: table is gone
      System.IO.IOException: The process is gone
      System.NullReferenceException (0x80004003): Object reference
      TypeError: x is not a function
      Unhandled exception in worker
      >>> ERROR: something
      [E] boom
      level=error msg="boom"
      {"level":"error","msg":"boom"}
      {"msg":"boom","level":"error"}
      msg="boom" level=error
      event=boom code=3 level=error
      ts=1 caller=a.go:3 level=error boom
      Source: Lamp, Level: Error, Message: boom
      [12:00:01 ERR] Something
      ASSERT: p != 0`,
    warning: `
      Warning: retrying soon
      [WARN] the queue is long
      W/System(12): slow
      WARN: 80 % used
      Warning: error 5
      WaitForSingleObject returned WAIT_TIMEOUT
      *** WARNING *** battery
      <Warning> queue long`,
    information: `
      msg="Level:Critical is set" level=info
      Info: 3 requests failed before, all are done
      [INFO] error statistics were sent
      level=info msg="failed over"
      [12:00:01 INF] failed before
      INFO: failed jobs are listed below
      2024-05-01 10:00:00 INFO an error was seen by someone`,
    verbose: `
      DEBUG: error path not taken
      [TRACE] entering failed()`,
  },
  'English: bad': {
    error: `
      Failed to open the registry key
      WdfDeviceCreate failed
      The request failed.
      Write operation failed after 3 tries
      CreateFile fails with a wrong path
      Cannot find the drive
      Can't open display
      Could not start the service
      couldn't connect to host
      Unable to allocate memory
      Access is denied.
      Access denied for user bob
      Connection refused by 10.0.0.1
      The connection timed out
      Request timed-out waiting for lock
      Timeout waiting for response
      Connection timeout
      A timeout (30000 milliseconds) was reached while waiting for the service
      The wait operation timed out
      Timeout of 30 s expired
      Not enough storage is available
      Insufficient system resources exist
      Out of memory
      There is no space left on device
      No response from server
      The disk is full
      The file system structure on the disk is corrupt
      Corrupted header at 512
      Transaction aborted
      Aborting the scan
      Lost connection to the server
      Connection to node2 lost
      Communication lost
      Memory leak in pool X
      Leak detected
      Deadlock detected
      Transaction was deadlocked
      Stack overflow in thread 5
      Buffer overrun
      Invalid parameter passed
      Illegal opcode
      Unexpected end of file
      An error occurred while reading
      Error reading file
      Error while opening the port
      Internal error
      I/O error on device sda
      Disk read error at sector 7
      An error was detected on device \\Device\\Harddisk8\\DR13 during a paging operation.
      The driver detected a controller error
      The operation completed with errors
      Finished with 3 errors
      errors: 7
      failed=2 passed=9
      12 files failed
      Exception thrown at 0x5
      The service terminated unexpectedly
      The previous system shutdown was unexpected shutdown
      Display driver stopped responding and recovered
      The program is not responding
      The application hung
      notepad.exe crashed
      Access violation at address
      Assertion failed: p != 0
      The host is unreachable
      Login rejected
      User is unauthorized
      The worker threw an exception
      0x1f: operation failed
      Disk 0 failed
      LUN 0 error
      no tests ran: build failed
      Error handling request from client
      Error could not be resolved
      Error log write failed
      Failover failed
      TEST_A FAIL in 3 s
      FAIL
      status=FAILED
      The backup was not successful
      The server did not register with DCOM within the required timeout.
      Errors: 1
      Failed login attempts: 3
      Login failure for bob`,
    warning: `
      Execute DB command sleeps on error (retry 26)
      We keep the old one because of an error here
      File not found
      The key does not exist
      value missing
      Retrying in 5 s
      attempt 3 of 5
      Quota exceeded
      Server unavailable
      Function not supported
      Reset to device, \\Device\\RaidPort0, was issued.
      The certificate has expired
      Low disk space on C
      Queue stalled
      Checksum mismatch
      too many open sockets
      A corrected hardware error has occurred.
      retry 11
      The parameter is incorrect.
      The handle is invalid.`,
  },
  'English: harmless': {
    none: `
      PerfViewLog message=Enabling Provider:Lamp-Maker Level:Critical Keywords:0x80 Stacks:0 Values:
      Enabling Provider:{22fb2cd6} Level:Critical Keywords:0x0 Event:3
      message="Enabling Provider:Lamp Level:Critical Keywords:0x0"
      Event:5 Level:Error Keywords:0x1
      0 errors
      0 error(s), 0 warning(s)
      Build: 0 errors, 0 warnings
      no error
      No errors found
      no errors or warnings
      completed without errors
      completed without any error
      errors: 0
      Errors = 0
      errorCount=0
      error count: 0
      failed: 0
      failed: 0, passed: 12
      passed: 12, failed 0
      12 passed, 0 failed
      no tests failed
      0 of 5 done, none failed
      error: none
      Error: none
      last error: null
      ErrorReporting service started
      error reporting service started
      STATUS_SUCCESS_X
      succeeded
      Operation succeeded
      error handler installed
      Error handling initialized
      error handling is enabled
      exception handler registered
      fail-safe mode on
      failsafe
      failover completed
      fail-over to node 2 done
      on failure restart
      Restart on failure
      if this fails
      if this fails, try the next one
      If the copy fails the old file stays
      In case of an error call the desk
      when an error occurs the log is written
      retry on error: true
      on error resume next
      action on failure: reboot
      CErrorLog created
      OnError registered
      m_lastError updated
      writing error.log
      opened C:\\logs\\error.log
      loaded errors.txt from /var/log/error/today
      see https://host/error/failed.html
      Foo::Error called
      ErrorHandler::Fail registered
      did not fail
      The request has not failed
      does not fail
      never fails
      not an error
      this is not a failure
      non-fatal
      critical section entered
      leaving critical section 5
      mission-critical job begun
      the job may fail
      this might cause errors
      could result in a failure
      Timeout: 30 s
      timeout=5000
      timeout set to 30 seconds
      connection timeout is 20 s
      idle timeout 600
      set timeout
      default timeout used
      starting timeout timer
      with a timeout of 30 s
      Did it fail?
      Has an error occurred?
      any errors?
      recovered from an error
      error cleared
      all errors have been fixed
      the problem was resolved
      Checking disk for errors
      scanning for errors
      no packets lost
      error log opened
      error level 3 set
      error correction enabled
      deadlock detection enabled
      zero failures
      free of errors
      fault tolerant volume online
      no problem
      Entering PnpMatchResources
      Is MSI? 1, MSI-ID 0
      FxIFR logging started
      fail2ban started
      the terror of war
      default value used
      exceptional service
      lastlogged 1dc126197b490de
      errorlevel set
      Erroneous is not matched here
      with the exception of drive C
      http://x/y?error=1
      --fail-fast given
      Retry count: 0
      retry=0
      max errors: 10
      Failed login attempts: 0
      bad sector count is 0
      Wait timeout = INFINITE
      Timeout timer armed
      Leak check passed
      lost+found created
      Lock timeout changed to 30 s
      The Windows Error Reporting Service service entered the running state.
      Fault bucket , type 0
      Error: none found
      errors detected: 0
      Test passed: error path
      the user saw a failure message yesterday
      Denied list has 4 entries
      Failed items will be moved
      abort button pressed`,
  },
  'codes in sentences': {
    error: `
      Exit, status 0xc000009a
      ZwCreateFile returned STATUS_ACCESS_DENIED
      hr=0x80070005
      completed with 0xc0000185
      GetLastError() = 1450
      WSAGetLastError: 10054
      result E_FAIL
      Exiting PnpMatchResources STATUS_INSUFFICIENT_RESOURCES
      LoadLibrary gave ERROR_MOD_NOT_FOUND
      Exception code: 0xc0000005`,
    warning: `
      [qcwcn8930_guid01]!read_Registry[36]!MaxRestartCount, WdfRegistryQueryULong returned 0xc0000034(STATUS_OBJECT_NAME_NOT_FOUND)
      Exiting QueryInterface handler, 0xc00000bb(STATUS_NOT_SUPPORTED)
      returned STATUS_BUFFER_TOO_SMALL
      returned STATUS_BUFFER_OVERFLOW
      KeWaitForSingleObject returned STATUS_TIMEOUT
      irp done, status STATUS_CANCELLED
      hr = 0x80070002
      a STATUS_ACCESS_DENIED somewhere in the middle`,
    information: `
      [km]Exit, status STATUS_SUCCESS
      RpeInit returned STATUS_SUCCESS. OK or RPE driver not avail. Continue
      hr=0x0
      status 0x00000000(STATUS_SUCCESS)
      returned ERROR_SUCCESS
      returned STATUS_PENDING
      enumeration ended: STATUS_NO_MORE_ENTRIES
      LastError=997
      status STATUS_MORE_PROCESSING_REQUIRED
      error 0
      error=0
      error code 0
      error code: 0x0
      Fehler: 0
      erreurs : 0
      エラー: 0
      错误: 0
      오류 0`,
    none: `
      if STATUS_ACCESS_DENIED comes
      waits on STATUS_DEVICE_BUSY only
      This request may fail with STATUS_ACCESS_DENIED
      base address 0xc0000005
      PDEVICE_OBJECT=8BDFB030`,
  },
  German: {
    error: `
      Fehler: Datei fehlt
      Der Dienst konnte nicht gestartet werden
      Anmeldung fehlgeschlagen
      Die Anforderung schlug fehl
      Zugriff verweigert
      Nicht genügend Speicher
      Zeitüberschreitung bei der Anforderung
      Die Datei ist beschädigt
      Verbindung verloren
      Ungültiger Parameter
      Ein Fehler ist aufgetreten
      Lesefehler beim Zugriff auf C
      Der Dienst wurde unerwartet beendet
      Die Anwendung reagiert nicht
      Vorgang abgebrochen`,
    critical: `
      Kritischer Fehler im Modul`,
    warning: `
      Warnung: wenig Platz
      Datei nicht gefunden
      der Wert fehlt
      heute gab es wieder Fehler`,
    none: `
      keine Fehler
      Keine Fehler gefunden
      ohne Fehler beendet
      0 Fehler
      fehlerfrei abgeschlossen
      Fehlerbehandlung aktiv
      bei einem Fehler neu starten
      Wenn der Dienst fehlschlägt
      Fehler behoben
      Ist ein Fehler aufgetreten?
      Es ist kein Problem aufgetreten
      Der Dienst wurde gestartet`,
  },
  French: {
    error: `
      Erreur : fichier absent
      La connexion a échoué
      Échec de la lecture
      Impossible d'ouvrir le fichier
      Accès refusé
      Le délai d'attente est dépassé
      Espace disque insuffisant
      Le fichier est endommagé
      Une erreur s'est produite
      Le service ne répond pas
      Paramètre non valide`,
    warning: `
      Avertissement : disque presque plein
      Fichier introuvable
      le fichier n'existe pas`,
    none: `
      aucune erreur
      Aucune erreur détectée
      sans erreur
      pas d'erreur
      en cas d'erreur redémarrer
      n'a pas échoué
      Y a-t-il une erreur ?
      Le service a démarré`,
  },
  Spanish: {
    error: `
      Error: no hay espacio
      No se pudo abrir el archivo
      La operación falló
      Acceso denegado
      Tiempo de espera agotado
      Memoria insuficiente
      El archivo está dañado
      Se produjo un error
      Conexión rechazada
      Parámetro no válido
      El servicio no responde`,
    warning: `
      Advertencia: poco espacio
      Archivo no encontrado
      la clave no existe`,
    none: `
      sin errores
      ningún error
      0 errores
      no hay errores
      errores: 0
      en caso de error reiniciar
      si la copia falla
      El servicio se inició`,
  },
  Italian: {
    error: `
      Errore: disco assente
      Impossibile aprire il file
      Operazione non riuscita
      Accesso negato
      Si è verificato un errore
      Memoria insufficiente
      Il file è danneggiato
      Tempo scaduto
      Parametro non valido`,
    warning: `
      Avviso: poco spazio
      File non trovato`,
    none: `
      nessun errore
      Non sono stati rilevati errori
      senza errori
      0 errori
      in caso di errore riavviare
      Il servizio è stato avviato`,
  },
  Portuguese: {
    error: `
      Erro: arquivo ausente
      Não foi possível abrir o arquivo
      A operação falhou
      Falha ao iniciar o serviço
      Acesso negado
      Tempo limite esgotado
      Espaço insuficiente
      O arquivo está corrompido
      Ocorreu um erro`,
    warning: `
      Aviso: pouco espaço
      Arquivo não encontrado`,
    none: `
      sem erros
      nenhum erro
      não houve falhas
      em caso de erro reiniciar
      O serviço foi iniciado`,
  },
  Dutch: {
    error: `
      Fout: bestand weg
      Het openen is mislukt
      Kan het bestand niet openen
      Toegang geweigerd
      Onvoldoende geheugen
      Het bestand is beschadigd
      Er is een fout opgetreden
      De toepassing reageert niet`,
    warning: `
      Waarschuwing: weinig ruimte
      Bestand niet gevonden`,
    none: `
      geen fouten
      zonder fouten voltooid
      0 fouten
      bij een fout opnieuw starten
      De service is gestart`,
  },
  Polish: {
    error: `
      Błąd: brak pliku
      Nie można otworzyć pliku
      Operacja nie powiodła się
      Odmowa dostępu
      Przekroczono limit czasu
      Brak miejsca na dysku
      Plik jest uszkodzony
      Wystąpił błąd
      Nieprawidłowy parametr`,
    warning: `
      Ostrzeżenie: mało miejsca
      Nie znaleziono pliku`,
    none: `
      brak błędów
      bez błędów
      nie wykryto błędów
      w przypadku błędu uruchom ponownie
      Usługa została uruchomiona`,
  },
  Russian: {
    error: `
      Ошибка: нет файла
      Не удалось открыть файл
      Отказано в доступе
      Истекло время ожидания
      Недостаточно памяти
      Файл повреждён
      Произошла ошибка
      Сбой службы
      Невозможно подключиться
      Неверный параметр`,
    critical: `
      Критическая ошибка в модуле`,
    warning: `
      Предупреждение: мало места
      Файл не найден`,
    none: `
      ошибок нет
      нет ошибок
      без ошибок
      ошибок не обнаружено
      Ошибок: 0
      в случае ошибки перезапустить
      Служба запущена`,
  },
  'Japanese, Chinese, Korean': {
    error: `
      エラー: ファイルがない
      ファイルを開くことができませんでした
      接続に失敗しました
      アクセスが拒否されました
      タイムアウトしました
      メモリが不足しています
      ファイルが破損しています
      エラーが発生しました
      错误：磁盘
      无法打开文件
      连接失败
      拒绝访问
      操作超时
      内存不足
      文件已损坏
      发生错误
      無法開啟檔案
      存取被拒絕
      오류: 파일
      파일을 열 수 없습니다
      연결 실패
      액세스가 거부되었습니다
      메모리가 부족합니다
      오류가 발생했습니다`,
    critical: `
      致命的なエラー`,
    warning: `
      警告: 空き領域
      ファイルが見つかりません
      找不到文件
      경고: 공간
      이 항목은 존재하지 않습니다`,
    none: `
      エラーはありません
      エラーなし
      失敗しませんでした
      エラーログを開く
      エラーの場合は再起動
      エラーが発生しましたか？
      没有错误
      无错误
      未发现错误
      错误处理已启用
      如果失败则重启
      是否发生错误？
      오류가 없습니다
      오류 없음
      오류 시 다시 시작
      サービスが開始されました
      服务已启动
      서비스가 시작되었습니다`,
  },
};

const cases = Object.entries(SENTENCES).flatMap(([group, levels]) =>
  Object.entries(levels).flatMap(([level, lines]) =>
    lines
      .trim()
      .split('\n')
      .map((line) => [group, level, line.trim()] as const),
  ),
);

describe('sentences', () => {
  it('are many, in both directions', () => {
    expect(cases.length).toBeGreaterThan(400);
    expect(new Set(cases.map(([, , text]) => text)).size).toBe(cases.length);
  });

  it.each(cases)('%s: %s: %s', (_, level, text) => {
    const severity = of(text);
    expect({ ...severity, level: severity.level ?? 'none' }).toMatchObject({ level });
  });

  it('quote what they are judged by', () => {
    for (const [, , text] of cases) {
      const { quote, level, from } = of(text);
      if (quote !== null) expect(text).toContain(quote);
      expect(quote === null).toBe(from === 'none');
      expect(level === null).toBe(from === 'none');
    }
  });

  it('are judged alike in capitals, with blanks around and in the middle of a line', () => {
    for (const text of ['Failed to open the registry key', 'Access is denied.', 'Connection refused by 10.0.0.1']) {
      for (const form of [text, text.toUpperCase(), `   ${text}  `, `[3] ${text}`, `driver: ${text}`]) {
        expect([form, of(form).level]).toEqual([form, 'error']);
      }
    }
    for (const text of ['0 errors', 'No errors found', 'If this fails, go on', 'Restart on failure']) {
      for (const form of [text, text.toUpperCase(), `   ${text}  `, `[3] ${text}`, `driver: ${text}`]) {
        expect([form, of(form).level]).toEqual([form, null]);
      }
    }
  });
});

describe('levels of the source', () => {
  it.each([
    [1, 'critical'],
    [2, 'error'],
    [3, 'warning'],
    [4, 'information'],
    [5, 'verbose'],
  ] as const)('%i is %s', (level, name) => {
    expect(of('all is well', { level })).toEqual({
      level: name,
      reason: `the source says ${name}`,
      from: 'source',
      quote: null,
    });
  });

  it('win over the words', () => {
    expect(of('no errors', { level: 2 })).toMatchObject({ level: 'error', from: 'source' });
    expect(of('fatal error', { level: 3 })).toMatchObject({ level: 'warning', from: 'source' });
    expect(of('the copy failed', { level: 4 })).toMatchObject({ level: 'information', from: 'source' });
  });

  it.each([
    ['Exit, status 0xc000009a', 'error', 'code'],
    ['Error: no such drive', 'error', 'word'],
    ['Warning: low', 'warning', 'word'],
    ['returned STATUS_NOT_SUPPORTED', 'warning', 'code'],
    ['returned STATUS_SUCCESS', 'information', 'source'],
    ['if STATUS_ACCESS_DENIED comes', 'information', 'source'],
  ] as const)('information is raised by strong evidence only: %s', (text, level, from) => {
    const severity = of(text, { level: 4 });
    expect(severity).toMatchObject({ level, from });
    if (from !== 'source')
      expect(severity.reason).toMatch(/^the source says information, but the message (?:reports|is) /);
  });

  it('0 and numbers beyond 5 say nothing', () => {
    for (const level of [0, 6, -1, 255, Number.NaN]) expect(of('started', { level }).from).toBe('none');
  });
});

describe('known events', () => {
  it.each<[string, number, Level]>([
    ['disk', 7, 'error'],
    ['Disk', 11, 'error'],
    ['disk', 15, 'error'],
    ['Disk', 51, 'warning'],
    ['disk', 153, 'warning'],
    ['disk', 157, 'warning'],
    ['storahci', 129, 'warning'],
    ['iaStorAVC', 129, 'warning'],
    ['stornvme', 11, 'error'],
    ['Ntfs', 55, 'error'],
    ['Microsoft-Windows-Ntfs', 98, 'information'],
    ['Microsoft-Windows-Kernel-Power', 41, 'critical'],
    ['EventLog', 6008, 'error'],
    ['Microsoft-Windows-WER-SystemErrorReporting', 1001, 'error'],
    ['BugCheck', 1001, 'error'],
    ['Microsoft-Windows-Wininit', 1015, 'error'],
    ['Windows Error Reporting', 1001, 'information'],
    ['Service Control Manager', 7000, 'error'],
    ['Service Control Manager', 7036, 'information'],
    ['Service Control Manager', 7043, 'error'],
    ['Microsoft-Windows-DistributedCOM', 10010, 'error'],
    ['DCOM', 10016, 'warning'],
    ['Microsoft-Windows-Kernel-PnP', 219, 'warning'],
    ['Display', 4101, 'warning'],
    ['Application Error', 1000, 'error'],
    ['Application Hang', 1002, 'error'],
    ['Microsoft-Windows-Resource-Exhaustion-Detector', 2004, 'warning'],
    ['Application Popup', 333, 'error'],
    ['srv', 2019, 'error'],
    ['Srv', 2020, 'error'],
  ])('%s %i is %s', (provider, eventId, level) => {
    const severity = of('words do not matter here: failed', { provider, eventId });
    expect(severity).toMatchObject({ level, from: 'event-id', quote: null });
    expect(severity.reason).toContain(`event ${eventId} of ${provider}: `);
  });

  it('are told beside the level of the source, and need their provider', () => {
    expect(of('x', { level: 3, provider: 'Disk', eventId: 51 }).reason).toBe(
      'the source says warning; event 51 of Disk: error during a paging operation',
    );
    expect(of('x', { eventId: 51 }).from).toBe('none');
    expect(of('x', { provider: 'Other', eventId: 51 }).from).toBe('none');
  });
});

describe('reasons', () => {
  it('name the code, the marker or the words', () => {
    expect(of('returned 0xc0000022').reason).toBe('the message reports STATUS_ACCESS_DENIED: access denied');
    expect(of('Error: x').reason).toBe('the message is marked “Error:”');
    expect(of('it failed to start').reason).toBe('the message says “failed”');
    expect(of('file not found').reason).toBe('the message only mentions “not found”');
    expect(of('hello').reason).toBe('nothing in the message says that it is an error');
  });

  it('prefer the code, unless the words are worse', () => {
    expect(of('open failed, status 0xc0000022')).toMatchObject({ level: 'error', from: 'code' });
    expect(of('open failed, status 0xc0000034')).toMatchObject({ level: 'error', from: 'word' });
    expect(of('Error: open, status 0xc0000034')).toMatchObject({ level: 'error', from: 'word' });
  });
});

describe('hostile input', () => {
  it('reads words in the first 2,000 characters only', () => {
    expect(of(`${'x '.repeat(1100)}failed to open`).level).toBeNull();
    expect(of(`failed to open ${'x '.repeat(1100)}`).level).toBe('error');
  });

  it.each([
    'a',
    ' ',
    'error ',
    'no error',
    'if ',
    'if a ',
    'on failure ',
    'kann ',
    'kann a ',
    '(',
    '[a] ',
    '\\a',
    '/a',
    'a::',
    'a.',
    '?',
    'a? ',
    '1:',
    '0 failed ',
    'could result in ',
    'timeout set to ',
    'no a a ',
    'エラー',
    '没有',
    'не удалось ',
    'A_',
    '\u0001',
    'ﬁ',
    '😀',
    '\ud800',
  ])('judges 64 KB of %j quickly', (piece) => {
    const text = piece.repeat(Math.ceil(65536 / piece.length));
    const start = performance.now();
    of(text);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('takes any text, and quotes what stands in it', () => {
    const words = [
      'error',
      'no ',
      'if ',
      '0',
      ':',
      ' ',
      'failed',
      '0xc0000022',
      'status ',
      '\u0130',
      '[ERROR]',
      '没有',
      '?',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' })))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (message) => {
        const { quote, level, from } = of(message);
        if (quote !== null) expect(message).toContain(quote);
        expect(level === null).toBe(from === 'none');
        for (const code of statusCodesIn(message)) expect(message.startsWith(code.text, code.at)).toBe(true);
      }),
    );
  });

  it('takes null and nothing', () => {
    expect(severityOf({ ...facts, message: null }).from).toBe('none');
    expect(of('').from).toBe('none');
  });
});

describe.each([
  ['kmdf-tracefmt-win10-22000-excerpt.txt', 'warning', 'STATUS_NOT_SUPPORTED'],
  ['lumia520-qcwcn8930-driver-start.wpp.txt', 'warning', 'STATUS_OBJECT_NAME_NOT_FOUND'],
])('the real trace %s', (name, level, code) => {
  const path = realFile(`wpp-text/${name}`);
  it.skipIf(path === null)(`has nothing worse than ${code}`, () => {
    const messages = readFileSync(path!, 'utf8')
      .split(/\r?\n/)
      .map((line) => line.replace(/^\S+ /, ''));
    const bad = messages.filter((m) => ['critical', 'error', 'warning'].includes(of(m).level ?? ''));
    expect(bad.length).toBeGreaterThan(0);
    for (const message of bad) {
      expect(message).toContain(code);
      expect(of(message)).toMatchObject({ level, from: 'code' });
    }
  });
});
