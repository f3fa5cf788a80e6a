package io.coterie.endure;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Words in everything that somebody writes, by which it is known wherever it shows up. */
final class Markers {

  /** In a text that must never be stored. */
  static final String REFUSED = "mustneverbestored";

  private static final Pattern OWNER = Pattern.compile("\\bownerzq(\\d+)z\\b");
  private static final Pattern CHAT = Pattern.compile("\\bchatzq(\\d+)z\\b");

  private Markers() {}

  static String ofUser(int number) {
    return "ownerzq" + number + "z";
  }

  static String ofChat(long number) {
    return "chatzq" + number + "z";
  }

  /** Whose words are in the text. */
  static Set<String> users(CharSequence text) {
    return all(OWNER, text);
  }

  /** Of which chats there are words in the text. */
  static Set<String> chats(CharSequence text) {
    return all(CHAT, text);
  }

  private static Set<String> all(Pattern pattern, CharSequence text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }
}
