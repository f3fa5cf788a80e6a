package io.coterie.agent;

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
import io.coterie.agent.Calculator.Refusal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The numbers, operators and functions of one calculation, and what has to be known of its result.
 * The parser is EvalEx's, with its own operators and functions taken out: strings, arrays,
 * structures, dates and random numbers do not exist here, and every operation bounds what it is
 * given before it begins. For one calculation on one thread.
 */
final class Arithmetic {

  /** The most digits before the decimal point, and after it. */
  static final int MAX_DIGITS = 1_000;

  /** What {@link #digits} says of a result that was never rounded. */
  static final int EXACT = Integer.MAX_VALUE;

  static final String MODULO = "¤";

  private static final int MAX_WORK = 2_000;
  private static final int QUOTIENT_DIGITS = 20;
  private static final int DOUBLE_DIGITS = 14;
  private static final int LARGE_POWER_DIGITS = 10;
  private static final MathContext WORKING = new MathContext(60, RoundingMode.HALF_EVEN);
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
  private int digits = EXACT;
  private int work;
  private boolean usedDegrees;

  Arithmetic() {
    constants.put("pi", PI);
    constants.put("π", PI);
    constants.put("e", E);
    FunctionDictionaryIfc functions = new MapBasedFunctionDictionary();
    new CalculatorFunctions(this).forEach(functions::addFunction);
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

  /** To how many significant digits the result is good, or {@link #EXACT}. */
  int digits() {
    return digits;
  }

  /** Whether an angle was read or given in degrees. */
  boolean usedDegrees() {
    return usedDegrees;
  }

  /**
   * The value of an expression, not yet rounded to {@link #digits}.
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
        rounded(QUOTIENT_DIGITS);
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
    all.addOperator("√", CalculatorOperator.prefix(POSTFIX, x -> value(sqrt(number(x[0])))));
    all.addOperator("!", CalculatorOperator.postfix(POSTFIX, x -> value(factorial(number(x[0])))));
    all.addOperator(
        "%", CalculatorOperator.postfix(POSTFIX, x -> value(number(x[0]).movePointLeft(2))));
    all.addOperator("+", CalculatorOperator.lazy(ADDITIVE, (e, a, b) -> sum(e, a, b, false)));
    all.addOperator("-", CalculatorOperator.lazy(ADDITIVE, (e, a, b) -> sum(e, a, b, true)));
    all.addOperator(
        "*",
        CalculatorOperator.infix(MULTIPLICATIVE, x -> value(number(x[0]).multiply(number(x[1])))));
    all.addOperator(
        "/",
        CalculatorOperator.infix(MULTIPLICATIVE, x -> value(divide(number(x[0]), number(x[1])))));
    all.addOperator(
        MODULO,
        CalculatorOperator.infix(MULTIPLICATIVE, x -> value(modulo(number(x[0]), number(x[1])))));
    all.addOperator(
        "^", CalculatorOperator.right(POWER, x -> value(power(number(x[0]), number(x[1])))));
    // A minus after a power sign would take the power as its own operand's end: one sign for both.
    all.addOperator(
        "^-",
        CalculatorOperator.right(POWER, x -> value(power(number(x[0]), number(x[1]).negate()))));
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
      b = bounded(a.multiply(b));
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
    return bounded(value.getNumberValue());
  }

  static EvaluationValue value(BigDecimal number) {
    return EvaluationValue.numberValue(bounded(number));
  }

  static Refusal tooLarge() {
    return new Refusal(
        "That calculation is too large for me: I work with numbers of up to 1,000 digits.");
  }

  private static BigDecimal bounded(BigDecimal number) {
    if (number.signum() == 0) {
      return BigDecimal.ZERO;
    }
    long magnitude = (long) number.precision() - number.scale();
    if (magnitude > MAX_DIGITS) {
      throw tooLarge();
    }
    if (magnitude < -MAX_DIGITS) {
      throw new Refusal("The result is too close to zero for me to show.");
    }
    if (number.scale() > 3 * MAX_DIGITS) {
      return number.setScale(2 * MAX_DIGITS, RoundingMode.HALF_EVEN);
    }
    return number;
  }

  /** Notes that from here on the result is good to so many digits at most. */
  void rounded(int toDigits) {
    digits = Math.min(digits, toDigits);
  }

  void usesDegrees() {
    usedDegrees = true;
  }

  /** Bounds what many roots, powers or factorials in one calculation may cost together. */
  private void spend(int cost) {
    work += cost;
    if (work > MAX_WORK) {
      throw new Refusal("That calculation is too large for me: it has too many steps.");
    }
  }

  BigDecimal ofDouble(double number) {
    if (Double.isNaN(number)) {
      throw new Refusal("That has no real result.");
    }
    if (Double.isInfinite(number)) {
      throw tooLarge();
    }
    rounded(DOUBLE_DIGITS);
    return new BigDecimal(number).round(new MathContext(DOUBLE_DIGITS));
  }

  BigDecimal divide(BigDecimal a, BigDecimal b) {
    if (b.signum() == 0) {
      throw new Refusal("Division by zero has no result.");
    }
    BigDecimal quotient = a.divide(b, WORKING);
    if (quotient.multiply(b).compareTo(a) != 0) {
      rounded(QUOTIENT_DIGITS);
    }
    return quotient;
  }

  /** Has the sign of {@code b}: -7 mod 3 is 2. */
  BigDecimal modulo(BigDecimal a, BigDecimal b) {
    if (b.signum() == 0) {
      throw new Refusal("Division by zero has no result.");
    }
    BigDecimal remainder = a.remainder(b);
    return remainder.signum() * b.signum() < 0 ? remainder.add(b) : remainder;
  }

  BigDecimal sqrt(BigDecimal a) {
    if (a.signum() < 0) {
      throw new Refusal("The square root of a negative number has no real result.");
    }
    spend(10);
    BigDecimal root = a.sqrt(WORKING);
    if (root.multiply(root).compareTo(a) != 0) {
      rounded(QUOTIENT_DIGITS);
    }
    return root;
  }

  BigDecimal factorial(BigDecimal a) {
    if (a.signum() < 0 || a.remainder(BigDecimal.ONE).signum() != 0) {
      throw new Refusal("A factorial needs a whole number that is not negative.");
    }
    if (a.compareTo(BigDecimal.valueOf(MAX_DIGITS)) > 0) {
      throw tooLarge();
    }
    spend(1 + a.intValueExact() / 10);
    BigDecimal product = BigDecimal.ONE;
    for (int i = 2; i <= a.intValueExact(); i++) {
      product = bounded(product.multiply(BigDecimal.valueOf(i)));
    }
    return product;
  }

  BigDecimal power(BigDecimal base, BigDecimal exponent) {
    if (exponent.signum() == 0 || base.compareTo(BigDecimal.ONE) == 0) {
      return BigDecimal.ONE;
    }
    if (base.signum() == 0) {
      if (exponent.signum() < 0) {
        throw new Refusal("Division by zero has no result.");
      }
      return BigDecimal.ZERO;
    }
    boolean whole = exponent.remainder(BigDecimal.ONE).signum() == 0;
    if (base.signum() < 0 && !whole) {
      throw new Refusal("A negative number to a broken power has no real result.");
    }
    double size = log10(base.abs()) * exponent.doubleValue();
    if (size > MAX_DIGITS) {
      throw tooLarge();
    }
    if (size < -MAX_DIGITS) {
      throw new Refusal("The result is too close to zero for me to show.");
    }
    if (!whole) {
      return exponent.compareTo(new BigDecimal("0.5")) == 0 ? sqrt(base) : fromLog10(size);
    }
    return wholePower(base.stripTrailingZeros(), exponent, size);
  }

  private BigDecimal wholePower(BigDecimal base, BigDecimal exponent, double size) {
    spend(10);
    boolean odd = exponent.toBigInteger().testBit(0);
    boolean exact =
        exponent.abs().doubleValue() * Math.max(base.precision(), Math.abs(base.scale()))
            <= 3.0 * MAX_DIGITS;
    if (base.abs().compareTo(BigDecimal.ONE) == 0) {
      return odd ? base : BigDecimal.ONE;
    }
    if (exact) {
      int n = exponent.abs().intValueExact();
      BigDecimal power = bounded(base.pow(n));
      return exponent.signum() < 0 ? divide(BigDecimal.ONE, power) : power;
    }
    BigDecimal power = fromLog10(size);
    return base.signum() < 0 && odd ? power.negate() : power;
  }

  /** 10 to the power of {@code log}, which is within what can be shown. */
  BigDecimal fromLog10(double log) {
    int whole = (int) Math.floor(log);
    rounded(LARGE_POWER_DIGITS);
    return new BigDecimal(Math.pow(10, log - whole))
        .round(new MathContext(DOUBLE_DIGITS))
        .scaleByPowerOfTen(whole);
  }

  /** The decimal logarithm of a positive number of any size. */
  static double log10(BigDecimal positive) {
    int whole = positive.precision() - positive.scale() - 1;
    return whole + Math.log10(positive.scaleByPowerOfTen(-whole).doubleValue());
  }
}
