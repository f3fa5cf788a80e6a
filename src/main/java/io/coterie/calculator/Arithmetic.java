package io.coterie.calculator;

import com.ezylang.evalex.EvaluationException;
import com.ezylang.evalex.Expression;
import com.ezylang.evalex.config.ExpressionConfiguration;
import com.ezylang.evalex.config.FunctionDictionaryIfc;
import com.ezylang.evalex.config.MapBasedFunctionDictionary;
import com.ezylang.evalex.config.MapBasedOperatorDictionary;
import com.ezylang.evalex.config.OperatorDictionaryIfc;
import com.ezylang.evalex.data.EvaluationValue;
import com.ezylang.evalex.parser.ASTNode;
import com.ezylang.evalex.parser.ParseException;
import com.ezylang.evalex.parser.Token;
import io.coterie.calculator.Calculator.Refusal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The notation of the calculator: its operators, functions and constants. The parser is EvalEx's,
 * with its own operators and functions taken out: strings, arrays, structures, dates and random
 * numbers do not exist here, and every operation bounds what it is given before it begins. For one
 * calculation on one thread.
 */
final class Arithmetic {

  static final String MODULO = "¤";

  private static final int ADDITIVE = 20;
  private static final int MULTIPLICATIVE = 30;
  private static final int UNARY = 60;
  private static final int POWER = 80;
  private static final int POSTFIX = 90;
  private static final BigDecimal PI =
      new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494");
  private static final BigDecimal E =
      new BigDecimal("2.71828182845904523536028747135266249775724709369995957496697");

  private final Map<String, BigDecimal> constants = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final ExpressionConfiguration configuration;
  private final Numbers numbers;

  Arithmetic(Numbers numbers) {
    this.numbers = numbers;
    constants.put("pi", PI);
    constants.put("π", PI);
    constants.put("e", E);
    FunctionDictionaryIfc functions = new MapBasedFunctionDictionary();
    new CalculatorFunctions(numbers).forEach(functions::addFunction);
    configuration =
        ExpressionConfiguration.builder()
            .mathContext(MathContext.UNLIMITED)
            .operatorDictionary(operators())
            .functionDictionary(functions)
            .defaultConstants(Map.of())
            .arraysAllowed(false)
            .structuresAllowed(false)
            .binaryAllowed(false)
            .singleQuoteStringLiteralsAllowed(false)
            .stripTrailingZeros(false)
            .maxRecursionDepth(2 * Calculator.MAX_LENGTH)
            .build();
  }

  /**
   * The value of an expression, not yet rounded to {@link Numbers#digits}.
   *
   * @throws Refusal if there is none
   */
  BigDecimal evaluate(String normalised) {
    try {
      Expression expression = new Expression(normalised, configuration);
      for (String name : expression.getUsedVariables()) {
        BigDecimal constant = constants.get(name);
        if (constant == null) {
          throw new Refusal(unknown(name, normalised));
        }
        numbers.rounded(Numbers.QUOTIENT_DIGITS);
        expression.with(name, constant);
      }
      return number(expression.evaluate());
    } catch (ParseException e) {
      throw unreadable(e, normalised);
    } catch (EvaluationException e) {
      throw new Refusal(Calculator.NOT_A_CALCULATION);
    } catch (Refusal e) {
      throw e;
    } catch (RuntimeException e) {
      // The parser answers some malformed input with an unchecked exception of its own.
      throw new Refusal(Calculator.NOT_A_CALCULATION);
    }
  }

  private Refusal unreadable(ParseException e, String expression) {
    String name = e.getTokenString();
    boolean unknownFunction =
        name != null
            && name.matches("[\\p{L}_][\\p{L}\\d_]*")
            && !configuration.getFunctionDictionary().hasFunction(name);
    return new Refusal(unknownFunction ? unknown(name, expression) : Calculator.NOT_A_CALCULATION);
  }

  private String unknown(String name, String expression) {
    if (configuration.getFunctionDictionary().hasFunction(name)) {
      return "`" + name + "` needs what it works on in parentheses, such as `" + name + "(2)`.";
    }
    if (expression.chars().noneMatch(Character::isDigit)) {
      return Calculator.NOT_A_CALCULATION;
    }
    String shown = name.length() > 40 ? name.substring(0, 40) + "…" : name;
    Set<String> known = configuration.getFunctionDictionary().getAvailableFunctionNames();
    return "I do not know `"
        + shown
        + "`. I work out arithmetic such as `12.5% of 80`, and know pi, e and these functions: "
        + String.join(", ", known.stream().sorted().toList())
        + ".";
  }

  private OperatorDictionaryIfc operators() {
    OperatorDictionaryIfc all = new MapBasedOperatorDictionary();
    all.addOperator("+", CalculatorOperator.prefix(UNARY, x -> value(number(x[0]))));
    all.addOperator("-", CalculatorOperator.prefix(UNARY, x -> value(number(x[0]).negate())));
    all.addOperator(
        "√", CalculatorOperator.prefix(POSTFIX, x -> value(numbers.sqrt(number(x[0])))));
    all.addOperator(
        "!", CalculatorOperator.postfix(POSTFIX, x -> value(numbers.factorial(number(x[0])))));
    all.addOperator(
        "%", CalculatorOperator.postfix(POSTFIX, x -> value(number(x[0]).movePointLeft(2))));
    all.addOperator("+", CalculatorOperator.lazy(ADDITIVE, (e, a, b) -> sum(e, a, b, false)));
    all.addOperator("-", CalculatorOperator.lazy(ADDITIVE, (e, a, b) -> sum(e, a, b, true)));
    all.addOperator(
        "*",
        CalculatorOperator.infix(MULTIPLICATIVE, x -> value(number(x[0]).multiply(number(x[1])))));
    all.addOperator(
        "/",
        CalculatorOperator.infix(
            MULTIPLICATIVE, x -> value(numbers.divide(number(x[0]), number(x[1])))));
    all.addOperator(
        MODULO,
        CalculatorOperator.infix(
            MULTIPLICATIVE, x -> value(numbers.modulo(number(x[0]), number(x[1])))));
    all.addOperator(
        "^",
        CalculatorOperator.right(POWER, x -> value(numbers.power(number(x[0]), number(x[1])))));
    // A minus after a power sign would take the power as its own operand's end: one sign for both.
    all.addOperator(
        "^-",
        CalculatorOperator.right(
            POWER, x -> value(numbers.power(number(x[0]), number(x[1]).negate()))));
    return all;
  }

  /** A percentage is one of the left side, unless that is a percentage too: 10% + 5% is 0.15. */
  private EvaluationValue sum(
      Expression expression, EvaluationValue left, EvaluationValue right, boolean subtract)
      throws EvaluationException {
    ASTNode leftNode = left.getExpressionNode();
    ASTNode rightNode = right.getExpressionNode();
    BigDecimal a = number(expression.evaluateSubtree(leftNode));
    BigDecimal b = number(expression.evaluateSubtree(rightNode));
    if (isPercentage(rightNode) && !isPercentage(leftNode)) {
      b = Numbers.bounded(a.multiply(b));
    }
    return value(subtract ? a.subtract(b) : a.add(b));
  }

  private static boolean isPercentage(ASTNode node) {
    return node.getToken().getType() == Token.TokenType.POSTFIX_OPERATOR
        && node.getToken().getValue().equals("%");
  }

  static BigDecimal number(EvaluationValue value) {
    if (!value.isNumberValue()) {
      throw new Refusal(Calculator.NOT_A_CALCULATION);
    }
    return Numbers.bounded(value.getNumberValue());
  }

  static EvaluationValue value(BigDecimal number) {
    return EvaluationValue.numberValue(Numbers.bounded(number));
  }
}
