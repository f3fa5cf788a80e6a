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

  private static final int FAILED = 1;
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
    Ending ending = Ending.prepare();
    try {
      ending.started(App.start(Config.load(args, System.getenv(), Path.of(""))));
    } catch (ConfigException e) {
      e.mistakes().forEach(System.err::println);
      ending.failed(BAD_CONFIGURATION);
    } catch (StartException e) {
      System.err.println(e.getMessage());
      ending.failed(FAILED);
    } catch (RuntimeException | Error e) {
      ending.failed(FAILED, e);
    }
  }
}
