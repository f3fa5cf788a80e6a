package io.coterie.packages;

import io.coterie.agent.AgentManifests;
import io.coterie.http.ApiException;
import io.coterie.http.ETags;
import io.coterie.http.RequestBodies;
import io.coterie.storage.StorageAlarm;
import io.coterie.storage.UnwritableException;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's own registry over HTTP: admins publish, anybody reads. Large files are sent by a
 * few threads of their own, so that slow readers hold up nobody but each other. Thread-safe.
 */
public final class RegistryHandler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);

  /** Each holds an archive in memory. */
  private static final int UPLOADS_AT_ONCE = 4;

  private static final int SENDERS = 16;
  private static final int WAITING_FOR_A_SENDER = 100;
  private static final int RETRY_AFTER_SECONDS = 5;

  /** Admins alone publish, so that few threads of the web server wait here. */
  private static final int PATIENCE_SECONDS = 10;

  /** Up to here a file is read at once: what fits into a connection's buffers keeps no thread. */
  private static final int SMALL = 1 << 16;

  private final Path folder;
  private final OwnRegistry registry;
  private final StorageAlarm alarm = new StorageAlarm();
  private final Semaphore uploads = new Semaphore(UPLOADS_AT_ONCE);
  private final ThreadPoolExecutor senders =
      PackageHandler.pool(SENDERS, new LinkedBlockingQueue<>(WAITING_FOR_A_SENDER));

  /**
   * @param folder where the registry's files are; need not be there
   */
  public RegistryHandler(Path folder) {
    this.folder = folder;
    this.registry = new OwnRegistry(folder);
  }

  /** Adds a version, which then never changes. Its body may be longer than that of other routes. */
  public void publish(Context ctx) throws IOException {
    String name = ctx.pathParam("name");
    String version = ctx.pathParam("version");
    if (!AgentManifests.isAgentId(name)) {
      throw ApiException.badRequest(
          "name must be 1 to 64 of the characters a-z, 0-9, _ and -, and begin with a letter or"
              + " digit");
    }
    if (!AgentManifests.isVersion(version)) {
      throw ApiException.badRequest("version must be a SemVer 2.0 version");
    }
    if (!mayUpload()) {
      throw ApiException.tooManyRequests(RETRY_AFTER_SECONDS);
    }
    try {
      publish(name, version, RequestBodies.take(ctx));
    } finally {
      uploads.release();
    }
    ctx.json(Map.of("msg", "Package published"));
  }

  private void publish(String name, String version, byte[] zip) throws IOException {
    try {
      registry.publish(name, version, zip);
    } catch (RefusedException e) {
      throw new ApiException(422, e.getMessage());
    } catch (RegistryFolder.TakenException e) {
      throw new ApiException(409, e.getMessage());
    } catch (IOException e) {
      IOException explained = UnwritableException.explained(e, folder);
      if (!(explained instanceof UnwritableException)) {
        throw explained;
      }
      alarm.raise("A package could not be published: " + explained.getMessage());
      throw ApiException.cannotStore();
    }
  }

  private boolean mayUpload() {
    try {
      return uploads.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The list of all packages, which is there before any package is. */
  public void list(Context ctx) throws IOException, RegistryException {
    Optional<Path> file = registry.list();
    if (file.isPresent()) {
      send(ctx, file.get());
    } else {
      send(ctx, "application/json", OwnRegistry.EMPTY_LIST);
    }
  }

  /** A package's index or one of its archives. */
  public void file(Context ctx) throws IOException, RegistryException {
    send(
        ctx,
        registry
            .file(ctx.pathParam("name"), ctx.pathParam("file"))
            .orElseThrow(RegistryHandler::notFound));
  }

  @Override
  public void close() {
    senders.shutdownNow();
  }

  private void send(Context ctx, Path file) throws IOException {
    String type = file.toString().endsWith(".zip") ? "application/zip" : "application/json";
    try {
      // The tag first: at worst newer content has an older tag, and is asked for once more.
      String tag = Long.toHexString(Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
      FileChannel content = FileChannel.open(file, StandardOpenOption.READ);
      if (content.size() > SMALL) {
        stream(ctx, type, tag + "-" + content.size(), content);
        return;
      }
      try (InputStream in = Channels.newInputStream(content)) {
        send(ctx, type, in.readAllBytes());
      }
    } catch (NoSuchFileException e) {
      throw notFound();
    }
  }

  private static void send(Context ctx, String type, byte[] content) {
    if (!isCurrent(ctx, PackageArchive.sha256(content))) {
      ctx.contentType(type).result(content);
    }
  }

  /** Files are replaced as a whole: what is open stays as it is. */
  private void stream(Context ctx, String type, String tag, FileChannel content)
      throws IOException {
    if (isCurrent(ctx, tag)) {
      content.close();
    } else if (ctx.method() == HandlerType.HEAD) {
      ctx.contentType(type).res().setContentLengthLong(content.size());
      content.close();
    } else {
      ctx.future(() -> sending(ctx, type, content));
    }
  }

  private CompletableFuture<Void> sending(Context ctx, String type, FileChannel content) {
    try {
      return CompletableFuture.runAsync(() -> copy(ctx, type, content), senders);
    } catch (RejectedExecutionException e) {
      close(content);
      throw ApiException.tooManyRequests(RETRY_AFTER_SECONDS);
    }
  }

  private static void copy(Context ctx, String type, FileChannel content) {
    try (InputStream in = Channels.newInputStream(content)) {
      ctx.contentType(type).res().setContentLengthLong(content.size());
      in.transferTo(ctx.res().getOutputStream());
    } catch (IOException e) {
      // Less than was announced: the connection is closed on whoever is still there.
      LOG.debug("A file of the registry was not sent whole", e);
    }
  }

  private static void close(FileChannel content) {
    try {
      content.close();
    } catch (IOException e) {
      LOG.debug("A file of the registry could not be closed", e);
    }
  }

  private static boolean isCurrent(Context ctx, String tag) {
    ctx.header("Cache-Control", "no-cache");
    return ETags.isCurrent(ctx, tag);
  }

  private static ApiException notFound() {
    return ApiException.notFound("Not found");
  }
}
