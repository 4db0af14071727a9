import { describe, expect, it } from 'vitest';
import { severityOf } from '../src/analyses/errors/severity.js';

// Two lists written before the rules were read, in the manner of real logs. Of each list every other line may be looked at
// while the rules are tuned; the rest is held out and only counted. Two more were written while the rules were worked on, each
// part once judged unseen and then learned from; they keep what was learned.

/** Nothing is wrong in these: a word of trouble stands in a name, a setting, a count, a condition, a denial … */
const HARMLESS = String.raw`
The Windows Error Reporting Service service entered the running state.
The Cluster Service service entered the running state. Failover clustering is enabled on node SQLN2.
Statistics: sent=18231 received=18230 errors=0 dropped=0 retries=0
CHECKDB found 0 allocation errors and 0 consistency errors in database 'SalesDW'.
Packets: Sent = 4, Received = 4, Lost = 0 (0% loss)
Denied list has 4 entries
User pressed the abort button in the export wizard
Retry policy: 3 attempts, exponential backoff, timeout=30
Error handler registered for module netio
Exception filter installed at 0x00007FF6A1B20040
Entering critical section g_csQueue
FailedCount=0 SuccessCount=118 SkippedCount=2
Recovered from transient error after 2 attempts
fatal error dialog closed by user
Error reporting enabled for this machine
CommandTimeout set to 120 seconds
Loading assembly Contoso.ErrorHandling, Version=4.2.0.0, Culture=neutral
Build succeeded. 0 Warning(s) 0 Error(s)
Lost packets: 0
Service recovery option for first failure is set to: Restart the Service
if the connection fails, the client will retry with the next server in the list
On failure, roll back the transaction and notify the operator
No errors were found on the volume C:
Windows has scanned the file system and found no problems.
Error log has been reinitialized. See the previous log for older entries.
Logging SQL Server messages in file 'D:\MSSQL15.PROD\MSSQL\Log\ERRORLOG'.
SQL Server is not configured to abort on deadlock; deadlock priority is NORMAL
The error log file C:\inetpub\logs\httperr\httperr12.log was rolled over
Custom error page /errors/404.aspx mapped for status 404
Registering exception mapper for class javax.ws.rs.NotFoundException
Initialized FailureDetector with phi threshold 8
Starting thread pool-4-thread-1 (ErrorQueueConsumer)
ErrorQueueConsumer started, queue depth 0
Dead letter queue orders.dlq is empty
Circuit breaker 'payments' state change: OPEN -> CLOSED
Circuit breaker configured: failureRateThreshold=50, waitDurationInOpenState=60s
log4j: Setting property [errorHandler] to [org.apache.log4j.helpers.OnlyOnceErrorHandler].
Setting deadlock_timeout = 1s
Deadlock detection thread started
Memory leak detector disabled
Crash dump is enabled; dump file will be written to %SystemRoot%\MEMORY.DMP
CrashOnCtrlScroll = 0
Kernel panic timeout set to 10 seconds (kernel.panic=10)
ACPI: PM: Preparing to enter system sleep state S3
EXT4-fs (sda2): mounted filesystem with ordered data mode. Opts: errors=remount-ro
EDAC MC: Ver: 3.0.0, error detection and correction available
mce: CPU supports 20 MCE banks, machine check error reporting on
pcieport 0000:00:1c.0: AER enabled with IRQ 122 (Advanced Error Reporting)
systemd[1]: Started Process error reports when automatic reporting is enabled.
systemd[1]: Reset failed state of unit nginx.service
systemd[1]: Condition check resulted in Dump kernel crash buffer being skipped.
fail2ban.jail [812]: INFO Jail 'sshd' started
fail2ban.filter: Set maxRetry = 5, findtime = 600
pam_faillock: deny=3 unlock_time=900
sshd: MaxAuthTries is 6, failed attempts are logged
auditd: failure mode is set to 1 (printk)
usage: backup.exe [/retry:n] [/abort] [/ignoreerrors] source target
  -e, --errors-only   show only lines that contain errors
  --fail-fast         stop at the first failing test
Type HELP ERROR for a list of error codes
Do you want to report this error to the vendor?
Did the previous shutdown fail? -> no
Has the ticket expired? false
is_corrupt=false is_dirty=false
bFailed = FALSE, hr = 0x00000000
IsFaulted: False IsCanceled: False
LastError: none
lastError=0 (ERROR_SUCCESS)
GetLastError() returned 0 (The operation completed successfully.)
NTSTATUS = 0x00000000 (STATUS_SUCCESS)
IoCompletion status 0x0, information 512
CBS    Exec: Processing complete. Session: 31012345, Package: KB5034441 [HRESULT = 0x00000000 - S_OK]
CSI    00000012 Repair operation not needed, no corruption detected
CBS    Repr: CBS Store check completes, 0 corruption found
<<<  [Exit status: SUCCESS]
dvi: {DIF_ALLOW_INSTALL} exit(0xe000020e) Default action, no error
sto: Driver package was already imported; duplicate ignored
[WDF] EvtDeviceD0Entry: previous state WdfPowerDeviceD3, failure actions default
HalpMcaInit: machine check handler initialised
StorPort: error log rate limit is 10 per minute
DPC watchdog timeout value is 20000 ms
TdrDelay = 10, TdrLevel = 3 (recover on timeout)
WheaInitialize: error source 0 (MCE) started
WHEA error record queue is empty
Verifier: fault injection is off
IRP cancel routine set, completion routine set for success, error and cancel
NDIS: RxErrors 0 TxErrors 0 RxDiscards 0
Interface eth0 statistics: rx_crc_errors 0, rx_missed_errors 0, tx_aborted_errors 0
SMART: Reallocated_Sector_Ct 0, Reported_Uncorrect 0, Command_Timeout 0
smartd: Device: /dev/sda, SMART error count unchanged at 0
Disk check: 0 bad sectors, 0 lost clusters
0 KB in bad sectors.
chkdsk: CHKDSK is verifying files and looking for errors (stage 1 of 3)
scanning drive for errors
Checking for corrupted files...
Scrub finished: repaired 0 errors
Database 'HR' was checked for corruption, all good
Recovery is complete. This is an informational message only. No user action is required.
Transaction 0x4f2 rolled back at the request of the client
The client cancelled the request
Session 12 disconnected by user
User logged off, reason: normal
Connection closed normally (timeout policy not reached)
Keepalive timeout 75s, header timeout 60s
executionTimeout="110" shutdownTimeout="90"
QueryTimeout: 600
Timeout was increased from 30 to 60 seconds
Timeout for lock requests is now 5000 ms
The HTTP error log is disabled on this site
CustomErrors mode=RemoteOnly
GET /static/error.css 200 0 0 15
GET /api/v2/errors?from=2024-01-01 200 14ms
GET /help/failed-login.html HTTP/1.1" 200 5120
POST /telemetry/crash-reports 202
Opening file C:\Users\anna\Documents\Failure analysis 2023.docx
Compiling src/errors/NotFoundError.ts
Copying ErrorCodes.resx to output directory
Property 'failIfMissing' = true
"onError": "continue", "maxFailures": 10
<add key="RetryOnTimeout" value="true" />
ThrowOnError=0
HKLM\SYSTEM\CurrentControlSet\Services\Disk\ErrorControl = 1
ErrorControl: NORMAL
SetErrorMode(SEM_FAILCRITICALERRORS)
Enabling critical battery action: hibernate
Critical updates installed: 4
Criticality of task 'Backup' set to high
Security policy: audit failure events = enabled
Audit policy changed: Logon/Logoff success and failure auditing added
Failure auditing for object access has been enabled
Access denied page customised by administrator
Deny ACE for group Guests added to D:\Share
Firewall rule 'Block invalid packets' enabled
Rule 12: drop invalid state packets
IPsec: dropping policy set to log only
Blocked senders list updated (132 entries)
The blocked process threshold is 0
Rejected rows will be written to reject.csv
Invalid characters are replaced by '?'
Invalid certificates are accepted: false
unknown devices are shown as 'Other'
Missing index hints are collected every 10 minutes
The problem with the print queue has been resolved
The connection to the database was restored
Link is up again after failure, 1 Gbps full duplex
Error condition cleared on port 7
Alert 'Disk failure' has been closed
Issue fixed: out of memory in parser (bug 4411)
Fixed crash when opening empty project
Previous failure state cleared, node rejoined the cluster
Failback to preferred owner SQLN1 completed successfully
Failover of group 'SQL' from SQLN1 to SQLN2 completed
Planned failover requested by administrator
Failover partner: SQLDR01
MultiSubnetFailover=True
Cluster resource 'IP Address 10.2.0.9' failure threshold: 1 in 6 hours
No failed jobs in the last 24 hours
None of the 12 drives has failed
All replicas are healthy, none failed
Nothing was lost
Completed without errors
Backup finished without warnings
Validation passed, 0 invalid records
The test did not fail
The request did not time out
The device never reported an error
Neither errors nor warnings were logged
Server is no longer unreachable
free of errors
error-free operation for 184 days
Failure is not expected here
Unit tests: 412 passed, 0 failed, 3 skipped
Tests run: 57, Failures: 0, Errors: 0, Skipped: 1
Job 'Nightly load' succeeded: 0 rows rejected
Failures so far: 0
Retries: 0
Number of failed requests since start: 0
Error rate 0.00 %
Mean time between failures: 1200000 h
Failure probability estimated at 0.01 %
Error budget remaining: 99.2 %
Error correction level M selected
Forward error correction: RS-FEC
ECC error correction is active
Rounding error below tolerance
Margin of error 0.2
Mean squared error = 0.0031 after epoch 12
loss: 0.2213 val_loss: 0.2330
Standard error redirected to C:\Temp\stderr.txt
stderr is not a tty
Simulating disk failure for drill 7
Fault injection test started
Testing the failure path: expected exception raised
Sending test alert 'critical'
Alert thresholds: warning 80 %, critical 95 %
Severity filter changed to Error
Log level set to ERROR
LogLevel=Warning
Subscribed to topics: alarms, errors, warnings
Sort order: errors first
Showing error details pane
Error provider attached to textbox
Column 'ErrorMessage' added to table dbo.JobLog
SELECT COUNT(*) FROM dbo.Errors WHERE Status = 'failed'
INSERT INTO ErrorLog (Id, Message) VALUES (?, ?)
CREATE TABLE failed_jobs (id int)
Processing message type NACK_TIMEOUT_UPDATE
Event subscription 'Application crash events' created
BrokerAgent: StateMachine transition Registered -> Registered, lastRegistrationError=None
PortICA: reconnect timer armed, session reliability timeout 180 s
CtxHook: failure callback registered
ICA connection: client error reporting flags 0x3
WfShell: SeamlessFlags=0x10 NoErrorPopup
VDA heartbeat: suspended=False, faultState=None
MachineFaultState: None
StoreFront: authentication failure page loaded from cache
Assertion checking enabled
assert(count > 0) ok
Ignoring error as requested by flag /I
Suppressed warnings: CS1591;CS0618
nowarn: 1701,1702
Warning level 4 selected
Warnings as errors: no
Die Fehlerbehandlung wurde initialisiert
Es wurden keine Fehler gefunden
Anzahl Fehler: 0
Der Dienst "Windows-Fehlerberichterstattungsdienst" befindet sich jetzt im Status "Ausgeführt".
Falls ein Fehler auftritt, wird der Vorgang wiederholt
Das Problem wurde behoben
Fehlerprotokoll wurde geleert
Le service Rapport d'erreurs Windows est entré dans l'état : en cours d'exécution.
Aucune erreur détectée
Nombre d'échecs : 0
En cas d'échec, l'opération sera répétée
Journal des erreurs ouvert
Le problème est résolu
No se encontraron errores
Errores: 0, advertencias: 0
Si se produce un error, se reintentará la operación
Registro de errores iniciado
El servicio Informe de errores de Windows entró en estado de ejecución
Nessun errore rilevato
Gestione errori inizializzata
In caso di errore il file viene ignorato
Errori: 0
Nenhum erro encontrado
Tratamento de erros ativado
Em caso de falha, tentar novamente
Geen fouten gevonden
Foutrapportage is ingeschakeld
Als de verbinding mislukt, wordt het opnieuw geprobeerd
Nie znaleziono błędów
Obsługa błędów włączona
Liczba błędów: 0
Ошибок не обнаружено
Служба регистрации ошибок Windows перешла в состояние Работает
Количество ошибок: 0
При сбое операция будет повторена
エラーはありません
エラー報告が有効になりました
エラー数: 0
没有发现错误
错误报告已启用
错误数：0
오류가 없습니다
오류 보고가 사용됩니다
오류 수: 0
`;

/** Something is wrong in these, or somebody should look. */
const BAD = String.raw`
The Print Spooler service terminated unexpectedly. It has done this 2 time(s).
The MSSQLSERVER service failed to start due to the following error: The service did not respond to the start or control request in a timely fashion.
A timeout was reached (30000 milliseconds) while waiting for the Contoso Agent service to connect.
The driver detected a controller error on \Device\Harddisk1\DR1.
The device, \Device\Harddisk0\DR0, has a bad block.
An error was detected on device \Device\Harddisk2\DR5 during a paging operation.
Reset to device, \Device\RaidPort0, was issued.
The system failed to flush data to the transaction log. Corruption may occur.
Login failed for user 'CONTOSO\svc_app'. Reason: Could not find a login matching the name provided. [CLIENT: 10.2.3.4]
Could not allocate space for object 'dbo.Orders' in database 'Sales' because the 'PRIMARY' filegroup is full.
The transaction log for database 'HR' is full due to 'LOG_BACKUP'.
Transaction (Process ID 63) was deadlocked on lock resources with another process and has been chosen as the deadlock victim.
SQL Server has encountered 14 occurrence(s) of I/O requests taking longer than 15 seconds to complete on file [E:\Data\sales.mdf]
BackupDiskFile::CreateMedia: Backup device 'X:\bak\hr.bak' failed to create. Operating system error 3(The system cannot find the path specified.).
There is insufficient system memory in resource pool 'default' to run this query.
Cannot open database "Inventory" requested by the login. The login failed.
Faulting application name: w3wp.exe, version: 10.0.17763.1, time stamp: 0x5b8a5a2c
A process serving application pool 'DefaultAppPool' suffered a fatal communication error with the Windows Process Activation Service.
Application pool 'Shop' is being automatically disabled due to a series of failures in the process(es) serving that application pool.
A worker process with process id of '4412' serving application pool 'Api' failed to stop a listener channel for protocol 'http' in the allotted time.
System.NullReferenceException: Object reference not set to an instance of an object.
Unhandled exception. System.IO.FileNotFoundException: Could not load file or assembly 'Newtonsoft.Json'
System.Data.SqlClient.SqlException (0x80131904): Timeout expired.
java.lang.OutOfMemoryError: Java heap space
java.net.ConnectException: Connection refused (Connection refused)
Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30001ms.
Exception in thread "main" java.lang.IllegalStateException: queue already closed
Failed to bind to 0.0.0.0/0.0.0.0:8080
Unable to create initial connections of pool.
DataXceiver error processing WRITE_BLOCK operation
Lost task 3.0 in stage 12.0 (TID 411, worker7): ExecutorLostFailure
Session 0x14ed93111f20057 for server zk2 has expired, closing socket
Cannot open channel to 3 at election address zk3:3888
kernel: Out of memory: Killed process 2231 (java) total-vm:8211232kB
kernel: blk_update_request: I/O error, dev sdb, sector 20481024
kernel: EXT4-fs error (device sda2): ext4_find_entry:1455: inode #1835009: comm ls: reading directory lblock 0
kernel: ata3.00: failed command: READ FPDMA QUEUED
kernel: nvme nvme0: I/O 512 QID 3 timeout, aborting
kernel: BUG: soft lockup - CPU#2 stuck for 23s! [kworker/2:1:312]
kernel: INFO: task jbd2/sda1-8:221 blocked for more than 120 seconds.
systemd[1]: nginx.service: Main process exited, code=exited, status=1/FAILURE
systemd[1]: Failed to start A high performance web server and a reverse proxy server.
systemd[1]: mysql.service: Start operation timed out. Terminating.
sshd[2211]: Failed password for invalid user oracle from 203.0.113.8 port 50022 ssh2
sshd[811]: error: Could not load host key: /etc/ssh/ssh_host_ed25519_key
postfix/smtp[990]: connect to mx.example.net[198.51.100.4]:25: Connection timed out
named[612]: network unreachable resolving 'ntp.example.org/A/IN'
rsyslogd: cannot create '/var/log/app.log': Permission denied
cron[88]: (CRON) error (can't fork)
mount.nfs: access denied by server while mounting fs1:/export
dhclient: No DHCPOFFERS received.
CBS    Failed to resolve package 'Package_for_KB4480116' [HRESULT = 0x800f081e - CBS_E_NOT_APPLICABLE]
CBS    Session: 30812_77 failed to perform store corruption detect and repair operation. [HRESULT = 0x800f0906]
CSI    (F) STATUS_OBJECT_NAME_NOT_FOUND #9021# from Windows::Rtl::SystemImplementation::DirectRegistryProvider::SysOpenKey
CBS    Doqe: Failed to queue driver updates, Phase: 6
CSI    Manifest hash mismatch for component amd64_microsoft-windows-tcpip, store is corrupt
!!!  dvi: Device not started: Device has problem: 0x1f (CM_PROB_FAILED_ADD), problem status: 0xc0000365.
!    dvi: Selecting driver failed(0xe0000228)
!!!  sto: Failed to import driver package into Driver Store. Error = 0xE000024B
<<<  [Exit status: FAILURE(0xe0000203)]
flq: Error installing file (0x00000020)
WdfRequestSend failed with status 0xC0000001
EvtDevicePrepareHardware: unable to map BAR0
IoCallDriver returned STATUS_DEVICE_NOT_CONNECTED
UsbHub: port 4 failed to reset, device not responding
AllocateCommonBuffer failed, not enough contiguous memory
DMA transfer aborted on channel 2
NIC reset because the transmit queue hung
Firmware did not respond within 5000 ms
Checksum mismatch in block 7812, data discarded
Buffer overflow in ring 3, 212 events lost
Display driver nvlddmkm stopped responding and has successfully recovered.
The IO operation at logical block address 0x1f4420 for Disk 2 was retried.
The default transaction resource manager on volume D: encountered a non-retryable error and could not start.
The processing of Group Policy failed. Windows could not resolve the computer name.
The DNS server was unable to complete directory service enumeration of zone contoso.local.
This computer was not able to set up a secure session with a domain controller in domain CONTOSO
The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server fs02$.
The time service has not synchronized the system time for 86400 seconds
Name resolution for the name wpad.contoso.com timed out after none of the configured DNS servers responded.
The system has rebooted without cleanly shutting down first.
Cluster node 'SQLN2' was removed from the active failover cluster membership.
Cluster resource 'SQL Network Name' of type 'Network Name' in clustered role 'SQL' failed.
The cluster service has determined that this node has lost quorum
Volume shadow copy service error: unexpected error calling routine CoCreateInstance. hr = 0x80070422
The shadow copies of volume E: were aborted because of an IO failure
BrokerAgent: registration with controller ddc1.contoso.com was rejected, reason AgentNotContactable
PortICA: ticket validation failed for session 14
ICA session 9: connection broken, client did not reconnect
CtxGraphics: could not create D3D device, falling back to software
UPM: profile of user mmeier cannot be loaded, temporary profile used
LicenseServer: no licenses available for edition XDT_PLT_UD
StoreFront: Cannot complete your request
PVS: retry count 31 exceeds limit, stream server unreachable
[DB Driver] Not enough space on temp disk
ReadFile: access denied
CreateProcess: path not found
OpenKey(HKLM\Software\Contoso): the key does not exist
hr=0x80070005
CoCreateInstance -> 0x80040154
send() to 10.0.0.3:445 failed: WSAECONNRESET
recv timed out after 15000 ms
SSL handshake failed: certificate has expired
The remote certificate is invalid according to the validation procedure.
TLS alert received: unknown CA
Token rejected: signature is invalid
User account svc_backup is locked out
Password for user admin has expired
Permission check: operation refused by policy server
Disk quota exceeded for user s1022
No space left on device
File D:\spool\00213.spl is corrupted
Message 5521 was dropped, queue full
Consumer lag too high, messages lost
Retry 3 of 3 failed, giving up
Giving up after 5 attempts
Job 'Nightly load' aborted
Backup of volume E: did not complete
Replication from DC2 stopped, too many errors
Data stream truncated at offset 4096
Unexpected end of file in config.xml line 88
XML parse failure near line 12
Syntax error near 'FORM'
Segmentation fault (core dumped)
Assertion failed: count > 0, file queue.cpp, line 88
thread 'main' panicked at 'index out of bounds: the len is 3 but the index is 7'
Traceback (most recent call last):
KeyError: 'user_id'
panic: runtime error: invalid memory address or nil pointer dereference
fatal: repository not found
npm ERR! code ELIFECYCLE
make: *** [all] Error 2
HTTP 503 Service Unavailable from upstream api-3
upstream prematurely closed connection while reading response header from upstream
The request was aborted: Could not create SSL/TLS secure channel.
Handle leak suspected: 48211 handles open
Temperature above threshold, cpu clock throttled
WARNING: free disk space below 5 %
Warnung: Speicherplatz ist knapp
Connection lost to server app7
The process cannot access the file because it is being used by another process.
Invalid handle passed to CloseSession
Watchdog expired, restarting worker 4
Raid array md0 is degraded
Battery critically low, system will hibernate
Der Dienst "Spooler" wurde unerwartet beendet.
Verbindung zum Server konnte nicht hergestellt werden
Die Anmeldung ist fehlgeschlagen
Zugriff verweigert auf \\fs01\daten
Impossible de se connecter au serveur de base de données
Échec de l'ouverture du fichier config.ini
Accès refusé au partage \\fs01\docs
Le délai d'attente a été dépassé
No se pudo abrir el archivo de configuración
Error al conectar con el servidor
Acceso denegado
El servicio se cerró inesperadamente
Impossibile aprire il file di configurazione
Errore durante la connessione al database
Accesso negato alla cartella condivisa
Tempo di attesa scaduto
Não foi possível abrir o arquivo
Falha ao conectar ao servidor
Acesso negado
Erro ao gravar no disco
Kan het bestand niet openen
De verbinding met de server is mislukt
Toegang geweigerd
Onvoldoende schijfruimte op C:
Nie można otworzyć pliku konfiguracji
Połączenie z serwerem nie powiodło się
Odmowa dostępu
Wystąpił błąd podczas zapisu
Не удалось открыть файл конфигурации
Ошибка подключения к базе данных
Отказано в доступе
Превышено время ожидания
ファイルを開けませんでした
データベースへの接続に失敗しました
アクセスが拒否されました
タイムアウトしました
无法打开配置文件
连接数据库失败
拒绝访问
磁盘空间不足
파일을 열 수 없습니다
데이터베이스 연결에 실패했습니다
액세스가 거부되었습니다
시간이 초과되었습니다
`;

/** Harmless, and learned from. */
const HARMLESS_LEARNED = String.raw`
WinRM service: HTTP listener error page size is 4096 bytes
The Failure Detection Service was installed
Task 'CleanupFailedUploads' registered, next run 03:00
Deny policy 'NoUSB' applied to 14 machines
Retry interval: 250 ms
Registering callback OnConnectionLost
Handler for SIGSEGV installed
Log file for rejected records: D:\etl\reject_0412.txt
Rejection reason codes loaded (88 rows)
Abort timeout for shutdown scripts is 600 seconds
Abort request acknowledged by operator, all files closed
Session cancelled by user request
CRC errors: 0, framing errors: 0, overruns: 0
Total errors 0
Packet loss 0%
loss rate is 0.0 %
Number of timeouts: 0
Device error counters cleared
Corruption check passed for 212 pages
Integrity scan: nothing corrupted
Page verify option is CHECKSUM; torn page detection off
Recovering from checkpoint 118, redo pass complete
Rollback segment 4 online
Crash recovery finished, 0 transactions rolled back
Log shipping: missing files will be fetched on next run
The missing driver was installed successfully
Driver for unknown device installed
Unable-to-deliver notices go to postmaster@example.com
BFE: filter 'Drop invalid fragments' added with weight 12
The default action for unhandled exceptions is 'terminate'
First chance exceptions will not be logged
Exception list: 3 entries (firewall)
Holiday exceptions calendar imported
Firewall exception added for sqlservr.exe
Fault domain 2 has 3 nodes
fault domain count = 5
Update domain 1, fault domain 0
Leak test mode off
Memory limit exceeded handler = restart
Threshold for 'too many connections' warning is 500
Quota limit: 5 GB, exceeded: no
Max failures in specified period: 2
Health check path /healthz, unhealthy threshold 3
Probe configured with failureThreshold=3 timeoutSeconds=5
Pods 12 running, 0 failed, 0 crashed
Restart policy: OnFailure
livenessProbe succeeded after 1 retry
Error 0: success
err=0
errno = 0
rc=0 (no error)
exit code 0
exited with status 0
returned 0 errors
No fatal errors since boot
Nobody was denied access today
not failed
Not a single packet was dropped
Service stopped without error
Uninstall completed, reboot not required
What to do when a disk fails: see runbook 12
In the event of a power failure, the UPS takes over
As soon as the link fails, traffic moves to port 2
Should the primary fail, the standby is promoted
Provided that no error occurs, the job ends at 04:00
Printer 'Fehlerdrucker' created
Critical patch KB5031 installed successfully
Loading string table: ERR_TIMEOUT="Timed out", ERR_DENIED="Denied"
Trace provider Microsoft-Windows-Kernel-Fault enabled, level 5
Page fault count 18221
page faults/s 211
Hard fault count 12
Soft errors corrected by ECC since boot: 0
Warnung deaktiviert
Warnungen werden nicht angezeigt
Wiederherstellung nach Fehler: Dienst neu starten
Anmeldefehlerzähler zurückgesetzt
Abbrechen gedrückt
Tentatives échouées : 0
La connexion a été rétablie
Gestionnaire d'erreurs installé
La conexión se ha restablecido
Intentos fallidos: 0
Connessione ripristinata
Tentativi falliti: 0
A conexão foi restabelecida
De verbinding is hersteld
Aantal mislukte pogingen: 0
Połączenie zostało przywrócone
Соединение восстановлено
Число неудачных попыток: 0
接続が復旧しました
失敗回数: 0
连接已恢复
失败次数：0
연결이 복구되었습니다
실패 횟수: 0
Trace session 'ErrorsOnly' started with buffer size 64 KB, lost events 0
PnpManager: device interface denied-access list loaded (7)
FltMgr: instance setup refused by policy table rows = 0
Registered ETW provider Contoso-Crash-Collector
Dump file collection is turned on
WerSvc: report store limit 50, queue length 0
Retry-After header honoured, next poll in 120 s
Received SIGTERM, terminating gracefully
Terminating worker 12 because of scale-in request
Reader thread stopped as requested
Connection pool: max 100, idle timeout 300, validation query 'select 1'
Timeout scheduler thread count 4
Broken link checker disabled
Rejected by user preference: telemetry
User denied the permission prompt for notifications
User declined the update
Loading message catalog errors_de.properties
Localised error strings for 12 languages loaded
Dialog 'Cannot save file' dismissed with OK
MessageBox returned IDRETRY
MessageBox returned IDABORT
Pressed key: Cancel
NTFS: volume check scheduled, no corruption seen
Self-healing repaired 2 index entries
Bad block table scanned, 0 entries
bad_blocks=0 ecc_corrected=12
Wear level 3 %, media errors 0, critical warning 0x00
Critical warning: 0x00
Percentage used 2, unsafe shutdowns 14
Number of dropped frames since start is 0
drops=0 errs=0 coll=0
Interface reset counter: 4
tcp: 212 segments retransmitted, 0 bad segments received, 18 resets sent
Resetting statistics
Reset of password for user anna by admin completed
Reset button pressed
Unlocking account after lockout period
Account lockout threshold: 5 invalid logon attempts
Lockout policy applied
Certificate renewal due before expiry in 30 days
Password expires in 14 days
Licence valid, expires 2031-01-01
Cache miss for key 77, fetched from origin
Cache entry expired, refreshed
404 handler registered at /*
Returning 304 Not Modified
Fallback fonts loaded: 3
Conflict resolution strategy: last writer wins
Merge finished, conflicts: 0
Deadlock priority set to LOW for session 71
Lock escalation disabled on table Orders
XACT_ABORT ON
SET ARITHABORT ON
TRY/CATCH block entered
Suspect pages table is empty
DBCC TRACEON 1222 (deadlock graph to error log)
Page fault handler at fffff8000221
Machine Check Architecture supported
NMI watchdog enabled, takes one hw-pmu counter
Watchdog timer started, period 10 s
panic=10 oops=panic parsed from command line
Emergency shell is locked
Emergency contact list synchronised
audit: type=1400 apparmor="ALLOWED" operation="open"
AVC denials are logged to /var/log/audit
Throttling policy updated: 200 requests per minute
Rate limiter: burst 50, overflow action = queue
Overflow queue length 0
Underflow protection active
Warnung: keine
Fehlersuche gestartet
Abbruchschaltfläche gedrückt
Code d'erreur : 0
Política de errores cargada
Lista di accessi negati: 2 voci
Lista de erros vazia
Foutafhandeling gestart
Lista odrzuconych adresów: 3
Список отклонённых адресов загружен
拒否リストを読み込みました
拒绝列表已加载
거부 목록을 불러왔습니다
The Diagnostic Policy Service entered the running state; problem detection is active.
Fault tolerant heap shim applied to process explorer.exe
Windows Defender: scan finished, threats found: 0, errors: 0
Scheduled task 'RetryFailedMail' completed, 0 messages resent
ESENT: the database engine attached a database; recovery was not needed
MSExchange Transport: queue 'Unreachable Domain' has 0 messages
Move poison messages to queue Poison: enabled
Backup set 12 verified, no bad pages
The error log retention was changed to 30 files
Starting up database 'ErrorArchive'.
spid12s Error: none pending for mirrored database
Authentication mode is MIXED; failed logins are audited
HTTP.sys: request queue limit 1000, reject mode 503
Recycling worker process: private memory limit, regular interval
Module FailedRequestsTracingModule loaded
freb: failed request tracing is off for site 1
Opening key HKLM\Software\Microsoft\Windows\Windows Error Reporting
WPP: flag TRACE_ERROR enabled, level 2
EvtIoStop: cancel outstanding request 0x1f, action suspend
Surprise removal handler registered
Power failure notification callback installed
ACPI thermal zone TZ0: critical trip point 105 C
thermal: critical temperature limit is 100 C
UPS on line, battery low threshold 20 percent
RAID rebuild finished on drive 4, array optimal
multipath: path sdc failback immediate
Standby node took over cleanly after maintenance
Replica lag 0 s, no lost transactions
GC (Allocation Failure) 512M->88M(1024M), 0.0212 secs
Allocation failure GC count: 18
Spring: bean 'errorPageFilter' registered
Mapped "{[/error]}" onto public org.springframework.http.ResponseEntity
Initializing ExceptionTranslationFilter
Tomcat: AccessLogValve pattern includes failed status codes
log level for com.acme set to WARN
Feature flag crash-free-rollout is on
User chose 'Discard changes'
Rejecting is not configured for this listener
Accepting connections again
Peer closed connection after response
Job 9913 was cancelled by operator
Ticket INC-4412 'Mail server unreachable' assigned to team Ops
Mail subject: Re: disk failure in rack 4
Compile option: -Werror=return-type
Skipping optional package, not selected
Suite retry_on_timeout: all 24 checks ok
Testfall 'Verbindung verloren' bestanden
Schwellwert für Fehlversuche: 5
Option de récupération : redémarrer le service
Umbral de fallos: 3
Soglia errori impostata a 5
エラー再試行回数: 3
错误重试次数: 3
오류 재시도 횟수: 3
`;

/** Bad, and learned from. */
const BAD_LEARNED = String.raw`
The trust relationship between this workstation and the primary domain failed.
Netlogon: no logon servers are available to service the logon request
Windows cannot find the specified drive
An unexpected error has occurred in the application
The application was unable to start correctly (0xc0000142).
Volume D: needs to be taken offline to perform a chkdsk
The backup operation stopped before completing
VSS writer 'SqlServerWriter' is in a failed state
The semaphore timeout period has expired
Device not migrated due to partial or ambiguous match
The printer is out of paper
Virtual machine 'WEB3' was paused because of low disk space
Cannot insert duplicate key row in object 'dbo.Users'
String or binary data would be truncated.
Arithmetic overflow error converting expression to data type int.
Divide by zero error encountered.
Invalid object name 'dbo.Prders'.
Incorrect syntax near the keyword 'FROM'.
A severe error occurred on the current command
A network-related or instance-specific error occurred while establishing a connection to SQL Server
Error: 18456, Severity: 14, State: 8.
Process 0:0:0 (0x1a2c) Worker 0x0000 appears to be non-yielding on Scheduler 3
HTTP Error 500.19 - Internal Server Error
HTTP Error 404.0 - Not Found
Worker process terminated with exit code 0xc0000005
java.lang.StackOverflowError
  Exception while sending heartbeat
Got exception while serving blk_-3544583377289625738 to /10.250.19.102:
Failing over because namenode is dead
Slow ReadProcessor read fields took 65021ms
Node host-14 is lost
Container killed on request. Exit code is 137
Killing container because it exceeded memory limits
OOMKilled
CrashLoopBackOff
Back-off restarting failed container
Readiness probe failed: HTTP probe failed with statuscode: 503
ImagePullBackOff: unauthorized
error: unable to open database file
disk I/O error
usb 1-1.4: device descriptor read/64, error -71
usb 1-2: device not accepting address 7, error -71
hub 1-0:1.0: unable to enumerate USB device on port 3
e1000e: Detected Hardware Unit Hang
NETDEV WATCHDOG: eth0 (igb): transmit queue 2 timed out
rcu_sched self-detected stall on CPU
CPU3: Core temperature above threshold, cpu clock throttled
mce: [Hardware Error]: Machine check events logged
md/raid1:md0: Disk failure on sdc1, disabling device.
Buffer I/O error on device sdd, logical block 0
XFS (dm-3): metadata I/O error: block 0x1b8
NFS: server fs2 not responding, still trying
audit: backlog limit exceeded
authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.100.3
sshd: Connection closed by invalid user
PAM 2 more authentication failures; rhost=198.51.100.3
cups: Unable to open listen socket
ntpd: no servers reachable
bind(): Address already in use
open(/dev/sg0): No such file or directory
Cannot allocate memory
Operation not permitted
Too many open files
signal 11 received, dumping core
Dump of process 8123 was written
WdfDeviceInitAssignName returned 0xC0000035
Assertion ´p != NULL' failed.
Interrupt storm detected on IRQ 17
Controller timeout on command 0x2a
SCSI sense key: MEDIUM ERROR
Uncorrectable error on drive 3
Bus reset occurred on adapter 0
Path 2 to LUN 7 has failed
Predictive failure reported by drive in slot 4
License expired on 2024-03-01
Session launch denied: no available resources
Unhandled promise rejection
Undefined reference to ´foo'
Module not found: Can't resolve 'react'
Access to the path 'C:\x' is denied.
The operation has timed out
The underlying connection was closed: An unexpected error occurred on a receive.
The remote server returned an error: (401) Unauthorized.
Object was disposed before use
Parameter 3 is wrong
Signature verification failed
Checksum error in frame 18
Die Datei wurde nicht gefunden
Der Vorgang wurde abgebrochen
Nicht genügend Arbeitsspeicher
Le fichier est introuvable
Mémoire insuffisante
No se encuentra el archivo
La conexión se perdió
Connessione persa
Servizio non disponibile
Arquivo não encontrado
Conexão recusada
Bestand niet gevonden
Dienst is onverwacht gestopt
Nie odnaleziono pliku
Usługa nie odpowiada
Файл не найден
Служба не отвечает
ファイルが見つかりません
サービスが予期せず終了しました
找不到指定的文件
服务意外终止
파일을 찾을 수 없습니다
서비스가 예기치 않게 종료되었습니다
The Workstation service could not be started because of a dependency.
The Dnscache service hung on starting.
Boot Configuration Data could not be read
Unable to load Microsoft Event Counters DLL
Performance counters are missing for .NETFramework
Disk 3 has been surprise removed.
The file system detected a checksum error and was not able to correct it.
The volume repair was not successful.
Dump file creation failed due to error during dump creation.
The password notification DLL failed to load with error 126
DHCP: address conflict detected for 10.1.2.3
The certificate chain was issued by an authority that is not trusted.
WMI: access denied for namespace root\cimv2
IIS: Cannot read configuration file due to insufficient permissions
System.Threading.ThreadAbortException: Thread was being aborted.
ORA-01555: snapshot too old
ORA-12541: TNS:no listener
The query processor ran out of internal resources
Login timeout expired
BACKUP failed to complete the command BACKUP DATABASE Sales.
Checkpoint I/O took too long on LUN 4
AlwaysOn: the replica is disconnected unexpectedly
Mirroring connection lost to partner
PCIe link training failed on port 2
URB completed with status 0xC0000011 (USBD_STATUS_XACT_ERROR)
Irp 0xFFFFA80C timed out in dispatch queue
AdapterReset: firmware not responding, scheduling reset
Interrupt lost on vector 41
MapTransfer returned STATUS_INSUFFICIENT_RESOURCES
RegOpenKeyEx failed, rc=5
SetupDiInstallDevice failed: 0xE0000217
Catalog file is not signed
CBS: package cannot be installed, prerequisite not met
Store corruption detected in component pending.xml
HDX: audio channel could not be opened
Citrix: session prelaunch aborted, user profile is locked
VDA failed to re-register after heartbeat loss
Printer driver for queue HP-4 could not be mapped
License checkout refused by server
WebSocket closed abnormally (1006)
Retries exhausted for request 7781
Circuit breaker 'payments' opened after 20 failures
Dead letter: message 9911 could not be delivered
Kafka: offset out of range for partition 3
GC overhead limit exceeded
NullPointerException in OrderService.calculate
ClassNotFoundException: com.acme.Foo
Deadline exceeded while awaiting response
x509: certificate signed by unknown authority
dial tcp 10.0.0.8:5432: connect: connection refused
unexpected EOF
Failed units: 3
fsck: superblock is corrupt
mdadm: array is not clean, starting background reconstruction
zfs: pool 'tank' is suspended due to I/O failure
Speicher konnte nicht reserviert werden
Zugriff auf das Gerät wurde abgelehnt
La lecture du disque a échoué
No se puede conectar al servidor
Impossibile connettersi al server
O tempo limite foi excedido
De service reageert niet
Operacja została odrzucona
Доступ запрещён
ディスクへの書き込みに失敗しました
写入磁盘失败
디스크 쓰기에 실패했습니다
The Windows Update service terminated with service-specific error 2147942450.
The server was unable to allocate from the system nonpaged pool because the pool was empty.
Volume E: is full.
Windows failed fast startup with error status 0xC00000D4.
The driver \Driver\WudfRd failed to load for the device SWD\WPDBUSENUM.
Your disk needs to be restored; the journal is corrupt.
Connection to database 'Orders' was refused
spid77 Could not find stored procedure 'dbo.GetOrders'.
The connection has been dropped because the principal that opened it was disconnected
Backup failed: device error or device offline
The ISAPI filter could not be loaded due to a configuration problem.
App pool identity is invalid
System.TimeoutException: The operation did not complete in time
Method not found: 'Void Foo.Bar()'
Could not establish trust relationship for the SSL/TLS secure channel
java.io.IOException: Broken pipe
Could not connect to broker 3, node may not be available
org.hibernate.exception.LockAcquisitionException: could not execute statement
Task attempt_1427088391284_0033_m_000000_0 timed out after 600 secs
Block pool registration rejected by namenode
kernel: sd 2:0:0:0: [sdb] Unhandled sense code
kernel: ata1: link is slow to respond, please be patient
kernel: page allocation failure: order:4, mode:0x40c0
kernel: CIFS VFS: Server fs1 has not responded in 120 seconds. Reconnecting...
systemd: app.service: Failed with result 'exit-code'.
dockerd: container 9f1 exited with code 137
crond: pam_unix: cannot find user backup
bind: zone example.net transfer failed: connection refused
ntfs3: volume is dirty and "force" flag is not set
EvtDeviceAdd: WdfDeviceCreate failed 0xc00000bb
StartDevice: resource conflict, IRQ 9 not available
MmMapIoSpace returned NULL, insufficient resources
Transfer aborted, endpoint stalled
NDIS reset requested because adapter is hung
Spooler: job 91 could not be printed
Citrix: ticketing server rejected the STA ticket
ICA: keepalive not answered, client presumed dead
VDA could not be contacted by the controller
Profile load failed, error 1521
DNS lookup for ddc2 returned no answer
Download aborted: signature mismatch
CSI: payload file missing from store
sto: driver package failed signature verification
Setup cannot continue because files are in use
Die Verbindung wurde unerwartet getrennt
Le serveur ne répond pas
El disco está lleno
Il servizio non risponde
A conexão foi perdida
Verbinding verbroken
Brak pamięci
Диск заполнен
接続が切断されました
连接已断开
연결이 끊어졌습니다
`;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
const everySecond = (lines: string[], from: 0 | 1): string[] => lines.filter((_, i) => i % 2 === from);
const isCalledBad = (message: string): boolean => {
  const level = severityOf({ message, level: null, eventId: null, provider: null, channel: null })?.level;
  return level === 'critical' || level === 'error' || level === 'warning';
};

const HALVES = [
  ['tuned on', 0],
  ['held out', 1],
] as const;

describe('sentences the rules were not written for', () => {
  it('are many enough to say something', () => {
    expect(linesOf(HARMLESS).length).toBeGreaterThanOrEqual(150);
    expect(linesOf(BAD).length).toBeGreaterThanOrEqual(120);
  });

  it.each(HALVES)('calls hardly a harmless one bad (%s)', (_, from) => {
    const lines = everySecond(linesOf(HARMLESS), from);
    const wrong = lines.filter(isCalledBad);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(lines.length * 0.02);
  });

  it('keeps what was learned', () => {
    const wrong = linesOf(HARMLESS_LEARNED).filter(isCalledBad);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(linesOf(HARMLESS_LEARNED).length * 0.02);
    const missed = linesOf(BAD_LEARNED).filter((line) => !isCalledBad(line));
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(linesOf(BAD_LEARNED).length * 0.06);
  });

  it.each(HALVES)('misses few bad ones (%s)', (_, from) => {
    const lines = everySecond(linesOf(BAD), from);
    const missed = lines.filter((line) => !isCalledBad(line));
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(lines.length * 0.05);
  });
});
