package io.coterie.packages;

/**
 * A package that was not installed. {@link #getMessage} is the whole text to answer with and {@link
 * #status} the HTTP status; the text holds no class name and no path of this machine. The cause, if
 * any, is for the log alone.
 */
public final class PackageException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  private PackageException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  static PackageException notFound(String name, String version) {
    return new PackageException(404, "Package not found: " + name + ":" + version, null);
  }

  static PackageException failed(String name, String version, int status, Exception cause) {
    String text = "Failed to download package: " + name + ":" + version;
    return new PackageException(status, text + ", " + cause.getMessage(), cause);
  }

  /** An HTTP status of 400 or more. */
  public int status() {
    return status;
  }
}
