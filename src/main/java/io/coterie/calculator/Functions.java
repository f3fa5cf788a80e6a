package io.coterie.calculator;

import io.coterie.calculator.Calculator.Refusal;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The functions of the calculator. {@code log} is the decimal logarithm, {@code ln} the natural;
 * {@code sin} and its kind count in degrees, {@code sinr} and its kind in radians. Stateless.
 */
final class Functions {

  private static final int ANY = 100;

  /** How many arguments each function takes at most. */
  private static final Map<String, Integer> MOST = new TreeMap<>();

  static {
    String one = "abs floor ceil sqrt cbrt fact exp ln log2 deg rad sin cos tan asin acos atan";
    List.of((one + " sinr cosr tanr asinr acosr atanr").split(" ")).forEach(f -> MOST.put(f, 1));
    List.of("log", "round", "pow", "mod").forEach(f -> MOST.put(f, 2));
    List.of("min", "max", "sum", "avg").forEach(f -> MOST.put(f, ANY));
  }

  private Functions() {}

  static boolean isKnown(String name) {
    return MOST.containsKey(name);
  }

  /** The names of all functions. */
  static String names() {
    return String.join(", ", MOST.keySet());
  }

  /**
   * The value of a known function.
   *
   * @throws Refusal if it has none, or takes another number of arguments
   */
  static BigDecimal value(String name, Numbers n, List<BigDecimal> x) {
    int most = MOST.get(name);
    int least = name.equals("pow") || name.equals("mod") ? 2 : 1;
    if (x.size() < least || x.size() > most) {
      String exactly = most == 1 ? "1 number" : "2 numbers";
      String takes =
          most == ANY ? "one or more numbers" : least < most ? "1 or 2 numbers" : exactly;
      throw new Refusal("`" + name + "` takes " + takes + ", divided by commas.");
    }
    BigDecimal a = x.get(0);
    double d = a.doubleValue();
    return Numbers.bounded(
        switch (name) {
          case "abs" -> a.abs();
          case "floor" -> a.setScale(0, RoundingMode.FLOOR);
          case "ceil" -> a.setScale(0, RoundingMode.CEILING);
          case "round" -> round(a, x.size() == 1 ? BigDecimal.ZERO : x.get(1));
          case "sqrt" -> n.sqrt(a);
          case "cbrt" -> n.ofDouble(Math.cbrt(d));
          case "fact" -> n.factorial(a);
          case "pow" -> n.power(a, x.get(1));
          case "mod" -> n.modulo(a, x.get(1));
          case "exp" -> Math.abs(d) < 700 ? n.ofDouble(Math.exp(d)) : n.ofLog10(d / Math.log(10));
          case "ln" -> n.ofDouble(log(a) * Math.log(10));
          case "log2" -> n.ofDouble(log(a) / Math.log10(2));
          case "log" -> n.ofDouble(log(a) / (x.size() == 1 ? 1 : logOfBase(x.get(1))));
          case "deg" -> n.ofDouble(Math.toDegrees(d));
          case "rad" -> n.ofDouble(Math.toRadians(d));
          case "sin" -> settled(n, Math.sin(n.fromDegrees(a)));
          case "cos" -> settled(n, Math.cos(n.fromDegrees(a)));
          case "tan" -> settled(n, tan(n.fromDegrees(a)));
          case "sinr" -> settled(n, Math.sin(radians(d)));
          case "cosr" -> settled(n, Math.cos(radians(d)));
          case "tanr" -> settled(n, tan(radians(d)));
          case "asin" -> n.toDegrees(Math.asin(d));
          case "acos" -> n.toDegrees(Math.acos(d));
          case "atan" -> n.toDegrees(Math.atan(d));
          case "asinr" -> n.ofDouble(Math.asin(d));
          case "acosr" -> n.ofDouble(Math.acos(d));
          case "atanr" -> n.ofDouble(Math.atan(d));
          case "min" -> Collections.min(x);
          case "max" -> Collections.max(x);
          case "sum" -> sum(x);
          case "avg" -> n.divide(sum(x), BigDecimal.valueOf(x.size()));
          default -> throw new IllegalArgumentException(name);
        });
  }

  private static double radians(double angle) {
    refuse(Math.abs(angle) > 1e15, Calculator.TOO_LARGE + "the angle is over 10^15 radians.");
    return angle;
  }

  private static double tan(double radians) {
    refuse(Math.abs(Math.cos(radians)) < 1e-15, "The tangent of a right angle has no result.");
    return Math.tan(radians);
  }

  /** Takes away what the binary rounding of an angle leaves where the sine is zero. */
  private static BigDecimal settled(Numbers n, double value) {
    return n.ofDouble(Math.abs(value) < 1e-15 ? 0 : value);
  }

  private static double log(BigDecimal x) {
    refuse(x.signum() <= 0, "A logarithm needs a number above zero.");
    return Numbers.log10(x);
  }

  private static double logOfBase(BigDecimal base) {
    refuse(base.compareTo(BigDecimal.ONE) == 0, "There is no logarithm to the base 1.");
    return log(base);
  }

  /** Half goes away from zero, as most people learnt it. */
  private static BigDecimal round(BigDecimal x, BigDecimal places) {
    boolean many = places.abs().compareTo(BigDecimal.valueOf(Numbers.MAX_DIGITS)) > 0;
    refuse(
        many || !Numbers.isWhole(places),
        "Rounding needs a whole number of decimal places, up to 1,000.");
    return x.setScale(places.intValueExact(), RoundingMode.HALF_UP);
  }

  private static BigDecimal sum(List<BigDecimal> x) {
    return x.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static void refuse(boolean when, String why) {
    if (when) {
      throw new Refusal(why);
    }
  }
}
