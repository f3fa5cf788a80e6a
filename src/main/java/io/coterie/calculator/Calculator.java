package io.coterie.calculator;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Works out the arithmetic in a chat message such as {@code what is 12.5% of 80?}.
 *
 * <p>Decimals are exact: sums, products and whole powers are never rounded, a quotient or a root
 * only where it does not end (20 significant digits), {@code sin}, {@code ln} and the like to 14;
 * the answer says so. Angles are in degrees ({@code sinr} and its kind take radians). Precedence is
 * that of written mathematics: {@code -2^2} is -4, {@code 2^3^2} is 2^9, {@code !} and {@code %}
 * bind tightest. A percentage that is added or taken away is one of what stands before it, as on a
 * desk calculator: {@code 200 + 10%} is 220.
 *
 * <p>What could take long is refused before it is begun: see {@link #MAX_LENGTH}, {@link
 * #MAX_DEPTH} and {@link Numbers#MAX_DIGITS}. Thread-safe.
 */
public final class Calculator {

  /** The longest expression, in characters. */
  static final int MAX_LENGTH = 1_000;

  /** The deepest nesting, of parentheses for example. */
  static final int MAX_DEPTH = 100;

  static final String NOT_A_CALCULATION =
      "I could not read that as a calculation. I work out arithmetic such as `12.5% of 80`,"
          + " `3 dozen`, `(1 + 2) * 3` or `sqrt(2)`.";
  static final String TOO_LARGE = "That calculation is too large for me: ";

  private static final int LONGEST_RECOGNISED = 200;
  private static final int LONGEST_PLAIN_SCALE = 60;
  private static final Pattern OPENING =
      Pattern.compile(
          "^(?:(?:hi|hello|hey|please|ok|so|and|(?:can|could|would) you|tell me|give me|i need"
              + "|what is|what's|whats|what are|what does|what do|how (?:much|many) (?:is|are)"
              + "|calculate|calc|compute|evaluate|solve|work out|find"
              + "|(?:the )?(?:result|value) of|the answer to)(?=[\\s,:]|$)|[=:,\\s])++",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern CLOSING =
      Pattern.compile(
          "(?:[\\s=?;:,]|\\.(?![^\\s?=])|(?<![\\p{L}\\d])(?:please|thanks|thank you|make"
              + "|equals?(?: to)?)(?![\\p{L}\\d]))++$",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern EMPHASIS = Pattern.compile("\\*\\S.*\\*");
  private static final Pattern OPERATION = Pattern.compile("[\\d.)!%]\\s*[-+*/^%√×÷−!]|√");
  private static final Pattern DATE_OR_CODE =
      Pattern.compile("[45]\\d\\d[!\\s]*|\\d{4}-\\d\\d?-\\d\\d?|\\d\\d?/\\d\\d?/\\d{2,4}");

  /**
   * The answer to a message: {@code EXPRESSION = RESULT}, or one sentence that says why there is
   * none. Never throws.
   */
  public String answer(String text) {
    try {
      String expression = withoutPhrases(text == null ? "" : text);
      Numbers numbers = new Numbers();
      BigDecimal value = evaluate(expression, numbers);
      String line = expression + " = " + plain(numbers.shown(value));
      // Two asterisks would be read as emphasis where the chat shows Markdown.
      String shown = EMPHASIS.matcher(expression).find() ? "`" + line + "`" : line;
      return shown + numbers.note(value);
    } catch (Refusal e) {
      return e.getMessage();
    }
  }

  /** What a question asks to calculate; empty for any other question. */
  public Optional<String> recognise(String question) {
    if (question.length() > LONGEST_RECOGNISED || question.chars().noneMatch(Character::isDigit)) {
      return Optional.empty();
    }
    String expression = withoutPhrases(question);
    try {
      // Signs alone may be a calculation that fails; words have to be one that has a result.
      boolean calculation =
          expression.chars().anyMatch(Character::isLetter)
              ? evaluate(expression) != null
              : OPERATION.matcher(expression).find() && !DATE_OR_CODE.matcher(expression).matches();
      return calculation ? Optional.of(expression) : Optional.empty();
    } catch (Refusal e) {
      return Optional.empty();
    }
  }

  /**
   * The value of an expression, rounded as {@link #answer} shows it.
   *
   * @throws Refusal if it has none; the message is for people
   */
  BigDecimal evaluate(String expression) {
    Numbers numbers = new Numbers();
    return numbers.shown(evaluate(expression, numbers));
  }

  private static BigDecimal evaluate(String expression, Numbers numbers) {
    if (expression.length() > MAX_LENGTH) {
      throw new Refusal(TOO_LARGE + "I take up to 1,000 characters.");
    }
    return Expression.evaluate(expression, numbers);
  }

  /** The message without what surrounds the expression: "what is 2+2?" becomes "2+2". */
  private static String withoutPhrases(String text) {
    if (text.length() > MAX_LENGTH) {
      return text;
    }
    String rest = OPENING.matcher(text.strip()).replaceFirst("");
    return CLOSING.matcher(rest).replaceFirst("").replaceAll("\\s+", " ").strip();
  }

  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    boolean plain = stripped.scale() <= LONGEST_PLAIN_SCALE;
    return plain ? stripped.toPlainString() : stripped.toString().replace('E', 'e');
  }

  /** Why an expression has no answer, in words for the person who asked. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message, null, false, false);
    }
  }
}
