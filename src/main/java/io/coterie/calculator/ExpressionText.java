package io.coterie.calculator;

import io.coterie.calculator.Calculator.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what people type into the notation that {@link Arithmetic} parses. */
final class ExpressionText {

  private static final Pattern OPENING =
      Pattern.compile(
          "^(?:(?:hi|hello|hey|please|ok|so|and|can you|could you|would you|tell me|give me|i need"
              + "|what is|what's|whats|what are|what does|what do|how much is|how much are"
              + "|how many is|calculate|calc|compute|evaluate|solve|work out|find|the result of"
              + "|the value of|the answer to|result of|value of)(?=[\\s,:]|$)|[=:,\\s])+",
          Pattern.CASE_INSENSITIVE);
  private static final List<String> LAST_WORDS =
      List.of("please", "equals", "equal to", "equals to", "thanks", "thank you", "make");
  private static final Pattern GROUPED = Pattern.compile("\\d{1,3}(?:,\\d{3})+(?![\\d,])");
  private static final Pattern DECIMAL_COMMA = Pattern.compile("\\d,\\d");
  private static final String NUMBER = "(\\d+(?:\\.\\d+)?|\\.\\d+)";
  private static final Map<Pattern, String> REWRITES = rewrites();

  private ExpressionText() {}

  private static Map<Pattern, String> rewrites() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("[×·⋅∙✕✖]", "*");
    words.put("[÷∕⁄]", "/");
    words.put("[−–—﹣－]", "-");
    words.put("²", "^2");
    words.put("³", "^3");
    words.put("°|(?<=\\d)\\s*deg(?:rees?)?\\b", "");
    words.put("\\*\\*", "^");
    words.put("\\b(?:the )?(?:square root|sqrt|root) of\\b", "√");
    words.put("\\bsquared\\b", "^2");
    words.put("\\bcubed\\b", "^3");
    words.put("\\b(?:raised )?to the power(?: of)?\\b", "^");
    words.put("\\bmultiplied by\\b|\\btimes\\b", "*");
    words.put("\\bdivided by\\b", "/");
    words.put("\\bplus\\b", "+");
    words.put("\\bminus\\b", "-");
    words.put("\\bfactorial of " + NUMBER, "$1!");
    words.put("(?<=\\d)\\s*factorial\\b", "!");
    words.put("(?<=[\\d)])\\s*per ?cent\\b", "%");
    words.put(NUMBER + "\\s*% off (?:of )?", "(1-$1%)*");
    words.put("%\\s*of\\b", "%*");
    // Not the x of a hexadecimal 0x10.
    words.put("(?<=[\\d)%!])(?<!(?<![\\d.])0)\\s*x\\s*(?=[\\d(.√])|(?<=\\d)\\s+x\\s+", "*");
    words.put("(?<=[\\d)])\\s*mod\\s*(?=[\\d(.])", " " + Arithmetic.MODULO + " ");
    words.put("%\\s*(?=[\\p{L}\\d(√]|\\.\\d)", Arithmetic.MODULO);
    words.put("\\b(sqrt|cbrt|abs|exp|ln|log|log2|a?(?:sin|cos|tan)r?)\\s+" + NUMBER, "$1($2)");
    words.put("\\^\\s*(?=[-+])", "^");
    words.put("\\^\\s*-\\s*", "^-");
    words.put("(?<=[\\d)])\\s*(?=√)", "*");
    Map<Pattern, String> compiled = new LinkedHashMap<>();
    words.forEach((from, to) -> compiled.put(Pattern.compile(from, Pattern.CASE_INSENSITIVE), to));
    return compiled;
  }

  /** The message without what surrounds the expression: "what is 2+2?" becomes "2+2". */
  static String withoutPhrases(String text) {
    String rest = OPENING.matcher(text.strip()).replaceFirst("");
    return withoutEnding(rest).replaceAll("\\s+", " ");
  }

  /** Takes question marks, equals signs, a full stop and polite words from the end. */
  private static String withoutEnding(String text) {
    int end = text.length();
    int before;
    do {
      before = end;
      while (end > 0 && isClosing(text.charAt(end - 1))) {
        end--;
      }
      if (end > 1 && text.charAt(end - 1) == '.') {
        end--;
      }
      for (String word : LAST_WORDS) {
        int start = end - word.length();
        boolean apart = start > 0 && !Character.isLetterOrDigit(text.charAt(start - 1));
        if (apart && text.regionMatches(true, start, word, 0, word.length())) {
          end = start;
        }
      }
    } while (end < before);
    return text.substring(0, end).strip();
  }

  private static boolean isClosing(char c) {
    return Character.isWhitespace(c) || "=?;:,".indexOf(c) >= 0;
  }

  /** Refuses parentheses that do not match, or are nested more than {@code maxDepth} deep. */
  static void requireBalanced(String expression, int maxDepth) {
    int depth = 0;
    for (int i = 0; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      }
      if (depth > maxDepth) {
        throw new Refusal(
            "That calculation is too large for me: I take up to "
                + maxDepth
                + " parentheses inside each other.");
      }
      if (depth < 0) {
        throw new Refusal("There is a closing parenthesis without an opening one.");
      }
    }
    if (depth > 0) {
      throw new Refusal("A closing parenthesis is missing.");
    }
  }

  /** Words and typographic signs become operators; separators between thousands go. */
  static String normalise(String expression) {
    String text = withoutThousands(expression);
    for (Map.Entry<Pattern, String> rewrite : REWRITES.entrySet()) {
      text = rewrite.getKey().matcher(text).replaceAll(rewrite.getValue());
    }
    return text.strip();
  }

  /**
   * A comma divides arguments directly inside a function's parentheses, and thousands elsewhere.
   */
  private static String withoutThousands(String text) {
    StringBuilder out = new StringBuilder(text.length());
    Deque<Boolean> inFunction = new ArrayDeque<>();
    Matcher grouped = GROUPED.matcher(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '(') {
        inFunction.push(endsWithName(out));
      } else if (c == ')' && !inFunction.isEmpty()) {
        inFunction.pop();
      }
      boolean arguments = !inFunction.isEmpty() && inFunction.peek();
      if (!arguments && Character.isDigit(c) && !continuesNumber(out)) {
        grouped.region(i, text.length());
        if (grouped.lookingAt()) {
          out.append(grouped.group().replace(",", ""));
          i = grouped.end() - 1;
          continue;
        }
      }
      if (!arguments && c == ',' && i > 0 && isDecimalComma(text, i)) {
        throw new Refusal(
            "Please write decimals with a point (1.5); a comma only separates thousands (1,500).");
      }
      out.append(c);
    }
    return out.toString();
  }

  private static boolean isDecimalComma(String text, int comma) {
    return DECIMAL_COMMA.matcher(text).region(comma - 1, text.length()).lookingAt();
  }

  private static boolean endsWithName(CharSequence out) {
    int last = out.length() - 1;
    while (last >= 0 && Character.isWhitespace(out.charAt(last))) {
      last--;
    }
    if (last < 0 || !Character.isLetterOrDigit(out.charAt(last))) {
      return false;
    }
    int start = last;
    while (start > 0 && Character.isLetterOrDigit(out.charAt(start - 1))) {
      start--;
    }
    return Character.isLetter(out.charAt(start));
  }

  private static boolean continuesNumber(CharSequence out) {
    int last = out.length() - 1;
    return last >= 0 && (Character.isLetterOrDigit(out.charAt(last)) || out.charAt(last) == '.');
  }
}
