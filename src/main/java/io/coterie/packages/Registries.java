package io.coterie.packages;

import com.github.benmanes.caffeine.cache.Ticker;
import io.coterie.agent.AgentManifest;
import io.coterie.agent.AgentManifests;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registries that packages come from, asked in the order in which the operator listed them. The
 * first that knows a name decides: where one cannot be reached or is broken, the search ends with
 * its error, so that no other package of that name slips in from a later one.
 *
 * <p>Thread-safe. Calls block, for a minute at most for each file.
 */
public final class Registries implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registries.class);

  /** Each may hold an archive of full size in memory. */
  private static final int DOWNLOADS_AT_ONCE = 4;

  private final List<Registry> registries;
  private final HttpDownloads http;
  private final PackageSearch search;
  private final Semaphore downloads = new Semaphore(DOWNLOADS_AT_ONCE, true);

  private Registries(List<Registry> registries, HttpDownloads http) {
    this.registries = List.copyOf(registries);
    this.http = http;
    this.search = new PackageSearch(this.registries);
  }

  /**
   * The registries of a list of addresses: {@code own:}, {@code bundled:}, {@code file:} with a
   * folder, and http or https addresses. None of them is asked anything yet.
   *
   * @param ownFolder this server's own registry, which need not be there
   * @throws IllegalArgumentException if an address is none of these; the message is one line for
   *     the operator
   */
  public static Registries of(List<String> urls, Path ownFolder) {
    return of(urls, ownFolder, HttpDownloads.Timeouts.DEFAULT, Ticker.systemTicker());
  }

  static Registries of(
      List<String> urls, Path ownFolder, HttpDownloads.Timeouts timeouts, Ticker ticker) {
    HttpDownloads http = new HttpDownloads(timeouts);
    List<Registry> registries = new ArrayList<>();
    for (String url : urls) {
      registries.add(
          switch (url) {
            case "own:" -> FolderRegistry.own(ownFolder);
            case "bundled:" -> new BundledRegistry();
            default -> addressed(url, http, ticker);
          });
    }
    return new Registries(registries, http);
  }

  private static Registry addressed(String url, HttpDownloads http, Ticker ticker) {
    try {
      URI uri = new URI(url);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean plain = uri.getRawQuery() == null && uri.getRawFragment() == null;
      boolean web = scheme.equals("http") || scheme.equals("https");
      if (web && plain && HttpDownloads.hasHost(uri) && uri.getRawUserInfo() == null) {
        return new CachedRegistry(new HttpRegistry(url, http), ticker);
      }
      if (scheme.equals("file") && plain) {
        String path = uri.getSchemeSpecificPart();
        return FolderRegistry.named(url, uri.isOpaque() ? Path.of(path) : Path.of(uri));
      }
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      LOG.debug("Not a registry", e);
    }
    // One with a password is not repeated.
    String shown = url.contains("@") ? "a registry" : url;
    throw new IllegalArgumentException(
        shown
            + " must be own:, bundled:, file: with a folder, or an http or https address without"
            + " a password, a query and a fragment");
  }

  /**
   * A package that a registry lists; nothing of it has been downloaded.
   *
   * @param asked the version as it was asked for, for messages
   */
  public static final class Listed {
    private final Registry registry;
    private final String name;
    private final String asked;
    private final PackageIndex.Entry entry;

    private Listed(Registry registry, String name, String asked, PackageIndex.Entry entry) {
      this.registry = registry;
      this.name = name;
      this.asked = asked;
      this.entry = entry;
    }

    /** The version that would be installed. */
    String version() {
      return entry.version();
    }

    /** The answer where an agent has the id that no package may replace. */
    PackageException taken(String why) {
      return PackageException.failed(name, asked, 422, new RefusedException(why));
    }
  }

  /**
   * Finds a package in the first registry that knows its name.
   *
   * @param name the package's name, which is its agent's id
   * @param version a SemVer 2.0 version; null, blank or {@code latest} for the highest that is not
   *     a pre-release
   * @throws PackageException with the status and text to answer with, whatever went wrong
   */
  public Listed find(String name, String version) throws PackageException {
    boolean any = version == null || version.isBlank();
    String asked = any ? PackageIndex.LATEST : version;
    if (!AgentManifests.isAgentId(name)) {
      throw PackageException.notFound(name, asked);
    }
    for (Registry registry : registries) {
      try {
        Optional<byte[]> index = registry.read(name + "/index.json", Limits.INDEX);
        if (index.isPresent()) {
          return PackageIndex.parse(index.get(), name)
              .find(asked)
              .map(entry -> new Listed(registry, name, asked, entry))
              .orElseThrow(() -> PackageException.notFound(name, asked));
        }
      } catch (RegistryException e) {
        throw failed(registry, name, asked, e.status(), e);
      } catch (RefusedException e) {
        throw failed(registry, name, asked, 422, e);
      }
    }
    throw PackageException.notFound(name, asked);
  }

  /**
   * Downloads and verifies what {@link #find} found. Nothing is kept: installing it is the caller's
   * part.
   *
   * @throws PackageException with the status and text to answer with, whatever went wrong
   */
  public DownloadedPackage download(Listed listed) throws PackageException {
    Registry registry = listed.registry;
    downloads.acquireUninterruptibly();
    try {
      byte[] zip =
          registry
              .read(listed.name + "/" + listed.entry.file(), Limits.PACKAGE)
              .orElseThrow(() -> RegistryException.answered(404));
      AgentManifest manifest = PackageArchive.read(zip, listed.name, listed.entry);
      return new DownloadedPackage(manifest, registry.url(), listed.entry.sha256());
    } catch (RegistryException e) {
      throw failed(registry, listed.name, listed.asked, e.status(), e);
    } catch (RefusedException e) {
      throw failed(registry, listed.name, listed.asked, 422, e);
    } finally {
      downloads.release();
    }
  }

  /** Finds and downloads in one step. */
  DownloadedPackage download(String name, String version) throws PackageException {
    return download(find(name, version));
  }

  private static PackageException failed(
      Registry registry, String name, String asked, int status, Exception cause) {
    log(registry, name, cause);
    return PackageException.failed(name, asked, status, cause);
  }

  /**
   * The packages whose name or description holds {@code query}, upper and lower case being the
   * same, in the order of the registries. Of one name only the first registry's package is listed,
   * which is the one that would be installed. A registry that offers no list, or fails, or takes
   * longer than ten seconds, is left out. Does not block.
   *
   * @param query blank for everything
   * @param threads where registries are asked, side by side; each by one thread at most
   */
  public CompletableFuture<List<FoundPackage>> search(String query, Executor threads) {
    return search.search(query, threads);
  }

  /** Ends what is being downloaded. */
  @Override
  public void close() {
    http.close();
  }

  /** One line: anybody who may install can cause it. */
  static void log(Registry registry, String what, Exception e) {
    String cause = e.getCause() == null ? "" : " (" + e.getCause() + ")";
    LOG.warn("Registry {}, {}: {}{}", registry.url(), what, e.getMessage(), cause);
  }
}
