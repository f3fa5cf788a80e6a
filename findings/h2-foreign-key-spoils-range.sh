#!/usr/bin/env bash
# H2 2.2.224: a foreign key on the first column of a composite primary key makes a range over the second column read all rows of the first.
#
# Expected: with PRIMARY KEY (chat_id, seq), "WHERE chat_id = ? AND seq > ? ORDER BY chat_id, seq FETCH FIRST 50 ROWS ONLY"
# reads about 50 rows, whether or not chat_id refers to another table: the primary key begins with that column, so it can serve
# the foreign key as well.
#
# Seen with H2 2.2.224, and no longer with 2.4.240: for the foreign key H2 makes an index of its own on (chat_id), as it takes an existing
# index only where that has just as many columns. The planner then takes that index for the query, loses "seq > ?" as a bound,
# and reads on through the chat instead of stopping after the page. EXPLAIN ANALYZE tells by its scanCount. A page in the middle
# of 20,000 rows:
#   2.2.224: 51 rows read without the foreign key, 10050 with it
#   2.4.240: 51 rows read without the foreign key, 51 with it
#   As stated.
# So a table that is read by ranges does better without a foreign key on the column that leads its key, or with the parent's
# row held while something is added below it.
#
# Needs a JDK and Maven. Exit status: 0 where that is seen, 1 where it has changed, 2 where it cannot run.
set -euo pipefail

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

cat >Scan.java <<'JAVA'
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Scan {
  public static void main(String[] args) throws Exception {
    System.out.println(scanned(false) + " rows read without the foreign key, " + scanned(true) + " with it");
  }

  private static long scanned(boolean foreignKey) throws Exception {
    try (Connection db = DriverManager.getConnection("jdbc:h2:mem:");
        Statement sql = db.createStatement()) {
      sql.execute("CREATE TABLE chats (chat_id INT PRIMARY KEY)");
      sql.execute("CREATE TABLE events (chat_id INT, seq BIGINT, data VARCHAR(20), PRIMARY KEY (chat_id, seq)"
          + (foreignKey ? ", FOREIGN KEY (chat_id) REFERENCES chats (chat_id))" : ")"));
      sql.execute("INSERT INTO chats SELECT x FROM SYSTEM_RANGE(1, 10)");
      sql.execute("INSERT INTO events SELECT 1, x, 'event' FROM SYSTEM_RANGE(1, 20000)");
      sql.execute("INSERT INTO events SELECT 2 + MOD(x, 9), x, 'event' FROM SYSTEM_RANGE(1, 20000)");
      sql.execute("ANALYZE");
      String page = "SELECT seq, data FROM events WHERE chat_id = 1 AND seq > 10000"
          + " ORDER BY chat_id, seq FETCH FIRST 50 ROWS ONLY";
      try (ResultSet plan = sql.executeQuery("EXPLAIN ANALYZE " + page)) {
        plan.next();
        Matcher count = Pattern.compile("scanCount: (\\d+)").matcher(plan.getString(1));
        count.find();
        return Long.parseLong(count.group(1));
      }
    }
  }
}
JAVA

changed=0
for expected in "2.2.224 10050" "2.4.240 51"; do
  version=${expected% *}
  if ! mvn -q -B dependency:copy -Dartifact="com.h2database:h2:$version" -DoutputDirectory=. >mvn.log 2>&1 ||
    ! javac -d "classes-$version" Scan.java; then
    cat mvn.log >&2
    exit 2
  fi
  seen=$(java -cp "classes-$version:h2-$version.jar" Scan)
  echo "$version: $seen"
  [ "$seen" = "51 rows read without the foreign key, ${expected#* } with it" ] || changed=1
done
[ "$changed" = 0 ] && echo "As stated." || { echo "Changed."; exit 1; }
