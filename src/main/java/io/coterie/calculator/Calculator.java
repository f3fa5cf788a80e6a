package io.coterie.calculator;

import java.math.BigDecimal;
import java.math.MathContext;
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

  /** The deepest nesting of parentheses. */
  static final int MAX_DEPTH = 100;

  static final String NOT_A_CALCULATION =
      "I could not read that as a calculation. I work out arithmetic such as `12.5% of 80`,"
          + " `2^10`, `(1 + 2) * 3` or `sqrt(2)`.";

  private static final String TOO_LARGE = "That calculation is too large for me: ";
  private static final int LONGEST_PLAIN_SCALE = 60;
  private static final int MAX_LITERAL_EXPONENT = 9_999;
  private static final Pattern HUGE_EXPONENT = Pattern.compile("(?<=\\d)[eE][+-]?0*[1-9]\\d{4,}");
  private static final Pattern EMPHASIS = Pattern.compile("\\*\\S.*\\*");

  /**
   * The answer to a message: {@code EXPRESSION = RESULT}, or one sentence that says why there is
   * none. Never throws.
   */
  public String answer(String text) {
    try {
      return answerOrThrow(text);
    } catch (Refusal e) {
      return e.getMessage();
    }
  }

  /**
   * The value of an expression, rounded as {@link #answer} shows it.
   *
   * @throws Refusal if it has none; the message is for people
   */
  BigDecimal evaluate(String expression) {
    return calculate(expression).shown();
  }

  private String answerOrThrow(String text) {
    if (text == null || text.isBlank()) {
      throw new Refusal(NOT_A_CALCULATION);
    }
    refuseLong(text);
    String expression = ExpressionText.withoutPhrases(text);
    Outcome outcome = calculate(expression);
    String line = expression + " = " + plain(outcome.shown());
    // Two asterisks would be read as emphasis where the chat shows Markdown.
    String shown = EMPHASIS.matcher(expression).find() ? "`" + line + "`" : line;
    return shown + outcome.note();
  }

  private static Outcome calculate(String expression) {
    refuseLong(expression);
    ExpressionText.requireBalanced(expression, MAX_DEPTH);
    String normal = ExpressionText.normalise(expression);
    if (normal.length() > 2 * MAX_LENGTH) {
      throw tooLong();
    }
    if (HUGE_EXPONENT.matcher(normal).find()) {
      throw new Refusal(
          TOO_LARGE + "an exponent may be at most " + MAX_LITERAL_EXPONENT + " either way.");
    }
    Numbers numbers = new Numbers();
    BigDecimal value = new Arithmetic(numbers).evaluate(normal);
    return Outcome.of(value, numbers);
  }

  private static void refuseLong(String text) {
    if (text.length() > MAX_LENGTH) {
      throw tooLong();
    }
  }

  private static Refusal tooLong() {
    return new Refusal(TOO_LARGE + "I take up to 1,000 characters.");
  }

  private static String plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    if (stripped.scale() > LONGEST_PLAIN_SCALE) {
      return stripped.toString().replace("E+", "e").replace('E', 'e');
    }
    return stripped.toPlainString();
  }

  /** What is shown: the value, and in parentheses what a reader has to know about it. */
  private record Outcome(BigDecimal shown, String note) {

    private static final BigDecimal NEGLIGIBLE = new BigDecimal("1e-30");

    static Outcome of(BigDecimal value, Numbers numbers) {
      int digits = numbers.digits();
      BigDecimal shown = digits == Numbers.EXACT ? value : value.round(new MathContext(digits));
      boolean rounded =
          digits != Numbers.EXACT
              && (shown.stripTrailingZeros().precision() >= digits || differs(shown, value));
      String angles = numbers.usedDegrees() ? "angles in degrees" : "";
      String precision = rounded ? "rounded to " + digits + " significant digits" : "";
      String between = angles.isEmpty() || precision.isEmpty() ? "" : ", ";
      String note = angles + between + precision;
      return new Outcome(shown, note.isEmpty() ? "" : " (" + note + ")");
    }

    private static boolean differs(BigDecimal shown, BigDecimal value) {
      return shown.subtract(value).abs().compareTo(value.abs().multiply(NEGLIGIBLE)) > 0;
    }
  }

  /** Why an expression has no answer, in words for the person who asked. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message, null, false, false);
    }
  }
}
