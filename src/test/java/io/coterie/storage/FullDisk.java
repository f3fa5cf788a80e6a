package io.coterie.storage;

/** A disk for servers on disk that tests can fill; one at a time, and put back by closing it. */
public final class FullDisk implements AutoCloseable {

  public FullDisk() {
    FailingFilePath.install();
  }

  /** Lets every write of the database's file fail from now on. */
  public void fill() {
    FailingFilePath.fill(0);
  }

  /** Lets them succeed. */
  public void free() {
    FailingFilePath.free();
  }

  @Override
  public void close() {
    FailingFilePath.remove();
  }
}
