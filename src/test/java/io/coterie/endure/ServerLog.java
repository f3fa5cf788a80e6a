package io.coterie.endure;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What one process printed, held against what it may print. */
final class ServerLog {

  private static final Pattern TROUBLE =
      Pattern.compile("\\bERROR\\b|OutOfMemoryError|Exception in thread|StackOverflowError");
  private static final Pattern TRACE = Pattern.compile("^(\\tat |Caused by: |\\S*Exception\\b)");
  private static final Pattern VARYING =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\S+|\\b[0-9a-f]{8,}(-[0-9a-f]+)*\\b|own-[\\w-]+|\\d+");
  private static final String FLAGS = "NOTE: Picked up JDK_JAVA_OPTIONS";
  private static final int AROUND = 12;

  private final List<String> lines;

  ServerLog(List<String> lines) {
    this.lines = lines;
  }

  /** Notes all trouble, and counts warnings by what they say. */
  void scan(String life, Findings findings, Figures figures) {
    boolean inTrouble = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith(FLAGS)) {
        continue;
      }
      boolean isTrace = TRACE.matcher(line).find();
      if (TROUBLE.matcher(line).find() || (isTrace && !inTrouble)) {
        List<String> shown = lines.subList(i, Math.min(lines.size(), i + AROUND));
        findings.add("log: " + kind(line), life + ": " + String.join("\n        ", shown));
      } else if (line.contains(" WARN ")) {
        figures.count("log WARN: " + kind(line));
      }
      inTrouble =
          isTrace || TROUBLE.matcher(line).find() || (inTrouble && !line.contains(" INFO "));
    }
  }

  /** The lines about a request, with what follows them. */
  String about(String requestId) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(requestId)) {
        found.add(lines.get(i));
        for (int j = i + 1; j < lines.size() && j < i + AROUND; j++) {
          if (!TRACE.matcher(lines.get(j)).find()) {
            break;
          }
          found.add(lines.get(j));
        }
      }
    }
    return String.join("\n        ", found);
  }

  private static String kind(String line) {
    String text = VARYING.matcher(line).replaceAll("…");
    return text.length() > 120 ? text.substring(0, 120) : text;
  }
}
