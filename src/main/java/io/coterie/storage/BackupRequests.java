package io.coterie.storage;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a command asks the server that runs on a data folder for a backup: by a file in that folder,
 * which only those can write who could read everything in it anyway. The server answers by another
 * file. Thread-safe.
 */
public final class BackupRequests implements AutoCloseable {

  /** Writes a backup. */
  public interface Writer {
    Backups.Backup write() throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(BackupRequests.class);

  private static final String PREFIX = "backup-";
  private static final String REQUEST = ".request";
  private static final String ANSWER = ".answer";
  private static final String DONE = "done";
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int PAUSES_BETWEEN_LOOKS = 10;
  private static final int SECONDS_BETWEEN_LOOKS = 2;

  private final Path dataDir;
  private final Writer writer;
  private final Executor threads;
  private volatile WatchService watcher;
  private volatile boolean closed;

  public BackupRequests(Path dataDir, Writer writer, Executor threads) {
    this.dataDir = dataDir;
    this.writer = writer;
    this.threads = threads;
  }

  /**
   * Forgets those that were left to a server that is no more, and does what is asked for from now
   * on, until this is closed.
   */
  public void serve() {
    for (String kind : List.of(REQUEST, ANSWER)) {
      all(kind).forEach(BackupRequests::delete);
    }
    try {
      watcher = dataDir.getFileSystem().newWatchService();
      dataDir.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
    } catch (IOException | UnsupportedOperationException e) {
      log.info("The data folder cannot be watched, so it is looked into every two seconds");
      closeWatcher();
    }
    Thread thread = new Thread(this::answerAll, "backup-requests");
    thread.setDaemon(true);
    thread.start();
  }

  /** Does nothing more; a backup that is being written goes on. */
  @Override
  public void close() {
    closed = true;
    closeWatcher();
  }

  private void answerAll() {
    try {
      while (!closed) {
        look();
        awaitFile();
      }
    } catch (ClosedWatchServiceException e) {
      // That was asked for.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when there may be a new file in the folder. */
  private void awaitFile() throws InterruptedException {
    WatchService service = watcher;
    if (service == null) {
      TimeUnit.SECONDS.sleep(SECONDS_BETWEEN_LOOKS);
      return;
    }
    WatchKey key = service.take();
    key.pollEvents();
    if (!key.reset()) {
      log.warn("The data folder is gone: no backup can be asked for on the command line");
      close();
    }
  }

  private void closeWatcher() {
    WatchService service = watcher;
    watcher = null;
    try {
      if (service != null) {
        service.close();
      }
    } catch (IOException e) {
      log.debug("The data folder is watched on", e);
    }
  }

  /** Begins to do what is asked for by now. */
  void look() {
    for (Path request : all(REQUEST)) {
      if (delete(request)) {
        try {
          threads.execute(() -> answer(request));
        } catch (RejectedExecutionException e) {
          log.warn("A backup was asked for while the server stops");
        }
      }
    }
  }

  private void answer(Path request) {
    String text;
    try {
      Backups.Backup backup = writer.write();
      log.info("Backup written to {}, bytes={}", backup.name(), backup.bytes());
      text = DONE + "\n" + backup.name();
    } catch (UnwritableException e) {
      text = "failed\n" + reason(e); // Whoever writes it has told the log.
    } catch (IOException | RuntimeException | Error e) {
      log.error("A backup that was asked for on the command line failed", e);
      text = "failed\n" + reason(e);
    }
    Path answer = answerTo(request);
    Path part = answer.resolveSibling(answer.getFileName() + ".part");
    try {
      Files.writeString(part, text);
      Files.move(part, answer, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.error("Who asked for a backup could not be answered", e);
    }
  }

  /** In one line; whoever asked waits until there is one, whatever happened. */
  private static String reason(Throwable e) {
    if (e instanceof LinkageError) {
      return "the server's jar was replaced while it ran: start it anew";
    }
    return e instanceof IOException ? e.getMessage() : "see the server's log";
  }

  /**
   * Asks the server and waits for the backup.
   *
   * @param running whether a server runs at this moment
   * @return the backup's file
   * @throws IOException where there will be none; its message says why
   */
  static Path ask(Path dataDir, BooleanSupplier running) throws IOException {
    Path request = dataDir.resolve(PREFIX + UUID.randomUUID() + REQUEST);
    Path answer = answerTo(request);
    Files.createFile(request);
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      for (int pauses = 0; !Files.exists(answer); pauses++) {
        LockSupport.parkNanos(PAUSE.toNanos());
        if (System.nanoTime() > end && Files.exists(request)) {
          throw new IOException("the database is in use, but by no server that makes a backup");
        }
        if (pauses % PAUSES_BETWEEN_LOOKS == 0 && !running.getAsBoolean()) {
          throw new IOException("the server stopped meanwhile");
        }
      }
      List<String> lines = Files.readAllLines(answer);
      if (lines.size() < 2 || !lines.get(0).equals(DONE)) {
        throw new IOException(lines.size() < 2 ? "the server failed" : lines.get(1));
      }
      return dataDir.resolve(lines.get(1));
    } finally {
      Files.deleteIfExists(request);
      Files.deleteIfExists(answer);
    }
  }

  private List<Path> all(String kind) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dataDir, PREFIX + "*" + kind)) {
      List<Path> found = new ArrayList<>();
      files.forEach(found::add);
      return found;
    } catch (IOException e) {
      log.warn("The data folder cannot be read", e);
      return List.of();
    }
  }

  /** Whether it was there, and this deleted it. */
  private static boolean delete(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      log.warn("A file in the data folder cannot be deleted", e);
      return false;
    }
  }

  private static Path answerTo(Path request) {
    String name = request.getFileName().toString();
    return request.resolveSibling(name.replace(REQUEST, ANSWER));
  }
}
