package io.coterie.storage;

import java.nio.file.Path;

/**
 * The database of a server that runs in this process: H2 has it under the name that the server gave
 * it, and takes another name for another database, whose file is in use.
 */
public final class RunningDatabase {

  private RunningDatabase() {}

  /** Its JDBC address, also while no server runs. */
  public static String url(Path dataDir) {
    SteadyFilePath.register();
    return "jdbc:h2:" + SteadyFilePath.prefix(0) + dataDir.resolve("coterie");
  }
}
