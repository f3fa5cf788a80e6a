package io.coterie.calculator;

import com.ezylang.evalex.Expression;
import com.ezylang.evalex.data.EvaluationValue;
import com.ezylang.evalex.functions.FunctionIfc;
import com.ezylang.evalex.functions.FunctionParameterDefinition;
import com.ezylang.evalex.parser.Token;
import io.coterie.calculator.Calculator.Refusal;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The functions of the calculator. {@code log} is the decimal logarithm, {@code ln} the natural.
 */
final class CalculatorFunctions {

  private static final int ANY = 100;
  private static final double LARGEST_ANGLE = 1e15;

  private final Numbers numbers;

  CalculatorFunctions(Numbers numbers) {
    this.numbers = numbers;
  }

  void forEach(BiConsumer<String, FunctionIfc> sink) {
    one(sink, "abs", BigDecimal::abs);
    one(sink, "floor", a -> a.setScale(0, RoundingMode.FLOOR));
    one(sink, "ceil", a -> a.setScale(0, RoundingMode.CEILING));
    one(sink, "sqrt", numbers::sqrt);
    one(sink, "cbrt", a -> numbers.ofDouble(Math.cbrt(a.doubleValue())));
    one(sink, "fact", numbers::factorial);
    one(sink, "exp", this::exp);
    one(sink, "ln", a -> ofLog(a, Math.log(10)));
    one(sink, "log2", a -> ofLog(a, Math.log(10) / Math.log(2)));
    one(sink, "deg", a -> numbers.ofDouble(Math.toDegrees(a.doubleValue())));
    one(sink, "rad", a -> numbers.ofDouble(Math.toRadians(a.doubleValue())));
    angle(sink, "sin", Math::sin);
    angle(sink, "cos", Math::cos);
    angle(sink, "tan", CalculatorFunctions::tan);
    inverse(sink, "asin", Math::asin);
    inverse(sink, "acos", Math::acos);
    inverse(sink, "atan", Math::atan);
    sink.accept("log", new Body(1, 2, this::log));
    sink.accept("round", new Body(1, 2, CalculatorFunctions::round));
    sink.accept("pow", new Body(2, 2, x -> numbers.power(x.get(0), x.get(1))));
    sink.accept("mod", new Body(2, 2, x -> numbers.modulo(x.get(0), x.get(1))));
    sink.accept("min", new Body(1, ANY, Collections::min));
    sink.accept("max", new Body(1, ANY, Collections::max));
    sink.accept("sum", new Body(1, ANY, CalculatorFunctions::sum));
    sink.accept("avg", new Body(1, ANY, x -> numbers.divide(sum(x), BigDecimal.valueOf(x.size()))));
  }

  private static void one(
      BiConsumer<String, FunctionIfc> sink, String name, UnaryOperator<BigDecimal> function) {
    sink.accept(name, new Body(1, 1, x -> function.apply(x.get(0))));
  }

  private void angle(
      BiConsumer<String, FunctionIfc> sink, String name, DoubleUnaryOperator function) {
    one(
        sink,
        name,
        a -> {
          numbers.usesDegrees();
          double turn = a.remainder(BigDecimal.valueOf(360)).doubleValue();
          return settled(function.applyAsDouble(Math.toRadians(turn)));
        });
    one(sink, name + "r", a -> settled(function.applyAsDouble(radians(a))));
  }

  private void inverse(
      BiConsumer<String, FunctionIfc> sink, String name, DoubleUnaryOperator function) {
    one(
        sink,
        name,
        a -> {
          numbers.usesDegrees();
          return numbers.ofDouble(Math.toDegrees(function.applyAsDouble(a.doubleValue())));
        });
    one(sink, name + "r", a -> numbers.ofDouble(function.applyAsDouble(a.doubleValue())));
  }

  private static double radians(BigDecimal angle) {
    double radians = angle.doubleValue();
    if (Math.abs(radians) > LARGEST_ANGLE) {
      throw new Refusal("That calculation is too large for me: the angle is over 10^15 radians.");
    }
    return radians;
  }

  private static double tan(double radians) {
    if (Math.abs(Math.cos(radians)) < 1e-15) {
      throw new Refusal("The tangent of a right angle has no result.");
    }
    return Math.tan(radians);
  }

  /** Takes away what the binary rounding of an angle leaves where the sine is zero. */
  private BigDecimal settled(double value) {
    return numbers.ofDouble(Math.abs(value) < 1e-15 ? 0 : value);
  }

  private BigDecimal exp(BigDecimal a) {
    double power = a.doubleValue();
    double size = power / Math.log(10);
    if (Math.abs(size) > Numbers.MAX_DIGITS) {
      throw size > 0
          ? Numbers.tooLarge()
          : new Refusal("The result is too close to zero for me to show.");
    }
    return Math.abs(power) < 700 ? numbers.ofDouble(Math.exp(power)) : numbers.fromLog10(size);
  }

  private BigDecimal ofLog(BigDecimal a, double factor) {
    if (a.signum() <= 0) {
      throw new Refusal("A logarithm needs a number above zero.");
    }
    double number = a.doubleValue();
    boolean ordinary = !Double.isInfinite(number) && number > 0;
    double natural = ordinary ? Math.log(number) : Numbers.log10(a) * Math.log(10);
    double result = factor == 1 ? Numbers.log10(a) : natural / Math.log(10) * factor;
    return numbers.ofDouble(result);
  }

  private BigDecimal log(List<BigDecimal> x) {
    BigDecimal decimal = ofLog(x.get(0), 1);
    return x.size() == 1 ? decimal : withBase(decimal, x.get(1));
  }

  private BigDecimal withBase(BigDecimal decimal, BigDecimal base) {
    BigDecimal divisor = ofLog(base, 1);
    if (divisor.signum() == 0) {
      throw new Refusal("There is no logarithm to the base 1.");
    }
    return numbers.ofDouble(decimal.doubleValue() / divisor.doubleValue());
  }

  /** Half goes away from zero, as most people learnt it. */
  private static BigDecimal round(List<BigDecimal> x) {
    BigDecimal places = x.size() == 1 ? BigDecimal.ZERO : x.get(1);
    if (places.abs().compareTo(BigDecimal.valueOf(Numbers.MAX_DIGITS)) > 0
        || places.remainder(BigDecimal.ONE).signum() != 0) {
      throw new Refusal("Rounding needs a whole number of decimal places, up to 1,000.");
    }
    return x.get(0).setScale(places.intValueExact(), RoundingMode.HALF_UP);
  }

  private static BigDecimal sum(List<BigDecimal> x) {
    return x.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** One function: how many arguments it takes, and what it does with them. */
  private record Body(int least, int most, Function<List<BigDecimal>, BigDecimal> function)
      implements FunctionIfc {

    @Override
    public List<FunctionParameterDefinition> getFunctionParameterDefinitions() {
      return List.copyOf(
          Collections.nCopies(
              1, FunctionParameterDefinition.builder().name("number").isVarArg(true).build()));
    }

    @Override
    public boolean hasVarArgs() {
      return true;
    }

    @Override
    public boolean isParameterLazy(int index) {
      return false;
    }

    @Override
    public void validatePreEvaluation(Token token, EvaluationValue... values) {
      if (values.length < least || values.length > most) {
        throw new Refusal(
            "`" + token.getValue() + "` takes " + arguments() + ", divided by commas.");
      }
    }

    private String arguments() {
      if (most == ANY) {
        return "one or more numbers";
      }
      return least == most ? least + (least == 1 ? " number" : " numbers") : "one or two numbers";
    }

    @Override
    public EvaluationValue evaluate(Expression expression, Token token, EvaluationValue... values) {
      List<BigDecimal> arguments = new ArrayList<>();
      Stream.of(values).map(Arithmetic::number).forEach(arguments::add);
      return Arithmetic.value(function.apply(arguments));
    }
  }
}
