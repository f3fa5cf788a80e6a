package io.coterie;

import io.coterie.config.Config;
import io.coterie.config.ConfigException;
import io.coterie.packages.PackCommand;
import java.nio.file.Path;

/**
 * Entry point: reads the settings, starts the server, and stops it when the process is told to end;
 * or makes a package, a backup or the like.
 */
public final class Main {

  private static final int BAD_CONFIGURATION = 2;

  private Main() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    if (PackCommand.isMeant(args)) {
      System.exit(PackCommand.run(args, System.out, System.err));
    }
    if (DataCommand.isMeant(args)) {
      System.exit(DataCommand.run(args, System.getenv(), Path.of(""), System.out, System.err));
    }
    if (Config.wantsHelp(args)) {
      System.out.print(Config.help());
      return;
    }
    if (Config.wantsVersion(args)) {
      System.out.println("coterie " + App.version());
      return;
    }
    try {
      App app = App.start(Config.load(args, System.getenv(), Path.of("")));
      closeAtTheEnd(app);
    } catch (ConfigException e) {
      e.mistakes().forEach(System.err::println);
      System.exit(BAD_CONFIGURATION);
    } catch (StartException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  private static void closeAtTheEnd(App app) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(app::close, "stop"));
    } catch (IllegalStateException e) {
      // The process was told to end while it started.
      app.close();
    }
  }
}
