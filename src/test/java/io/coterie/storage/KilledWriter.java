package io.coterie.storage;

/** A process that writes rows until it is killed, and says which of them are in the file. */
final class KilledWriter {

  static final int WRITERS = 8;

  private KilledWriter() {}

  /** Takes the JDBC address and how many rows of each writer there are already. */
  public static void main(String[] args) {
    Database database = Database.open(args[0], false);
    Ledger ledger = new Ledger(database, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      ledger.goOn(writer, Long.parseLong(args[1 + writer]));
      new Thread(
              () -> {
                while (true) {
                  String line = writer + " " + ledger.add(writer) + "\n";
                  synchronized (System.out) {
                    System.out.print(line);
                    System.out.flush();
                  }
                }
              })
          .start();
    }
  }
}
