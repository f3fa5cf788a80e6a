package io.coterie.calculator;

import io.coterie.calculator.Calculator.Refusal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognises a question that is a calculation, which the guide leaves to the calculator. Stateless.
 */
public final class CalculationHint {

  private static final int MAX_LENGTH = 200;
  private static final Pattern LETTER = Pattern.compile("\\p{L}");
  private static final Pattern OPERATION =
      Pattern.compile("[\\d.)!%]\\s*(?:[-+*/^%√]|×|÷|−|!)|√|\\p{L}\\s*\\(");
  private static final Pattern DATE_OR_CODE =
      Pattern.compile("[45]\\d\\d[!\\s]*|\\d{4}-\\d\\d?-\\d\\d?|\\d\\d?/\\d\\d?/\\d{2,4}");

  private CalculationHint() {}

  /** What to say to a calculation; empty for anything else. */
  public static Optional<String> answer(String text) {
    if (text.length() > MAX_LENGTH || text.chars().noneMatch(Character::isDigit)) {
      return Optional.empty();
    }
    String expression = ExpressionText.withoutPhrases(text);
    if (DATE_OR_CODE.matcher(expression).matches() || !isCalculation(expression)) {
      return Optional.empty();
    }
    String shown = expression.replace('`', ' ').strip();
    return Optional.of("That looks like a calculation: ask `@calculator " + shown + "`.");
  }

  private static boolean isCalculation(String expression) {
    try {
      if (!OPERATION.matcher(ExpressionText.normalise(expression)).find()) {
        return false;
      }
      if (LETTER.matcher(expression).find()) {
        new Calculator().evaluate(expression);
      }
      return true;
    } catch (Refusal e) {
      // Without letters it is one all the same: the calculator says what is wrong with it.
      return !LETTER.matcher(expression).find();
    }
  }
}
