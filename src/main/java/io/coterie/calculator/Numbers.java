package io.coterie.calculator;

import io.coterie.calculator.Calculator.Refusal;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * What one calculation does with numbers, and what has to be known of its result. Everything is
 * exact as long as it can be, and bounded before it begins. For one calculation on one thread.
 */
final class Numbers {

  /** The most digits before the decimal point, and after it. */
  static final int MAX_DIGITS = 1_000;

  private static final int EXACT = 0;
  private static final int MAX_WORK = 2_000;
  private static final int QUOTIENT_DIGITS = 20;
  private static final int DOUBLE_DIGITS = 14;
  private static final int LARGE_POWER_DIGITS = 10;
  private static final MathContext WORKING = new MathContext(60, RoundingMode.HALF_EVEN);
  private static final BigDecimal NEGLIGIBLE = new BigDecimal("1e-30");

  private int digits = EXACT;
  private int work;
  private boolean usedDegrees;

  /** The result as far as its digits are good. */
  BigDecimal shown(BigDecimal value) {
    return value.round(new MathContext(digits));
  }

  /** What a reader has to know of the result, in parentheses; empty where that is nothing. */
  String note(BigDecimal value) {
    BigDecimal shown = shown(value);
    BigDecimal error = shown.subtract(value).abs();
    boolean rounded =
        digits != EXACT
            && (shown.stripTrailingZeros().precision() >= digits
                || error.compareTo(value.abs().multiply(NEGLIGIBLE)) > 0);
    String angles = usedDegrees ? "angles in degrees" : "";
    String precision = rounded ? "rounded to " + digits + " significant digits" : "";
    String between = usedDegrees && rounded ? ", " : "";
    return usedDegrees || rounded ? " (" + angles + between + precision + ")" : "";
  }

  /** A number that is good to so many digits as a quotient, such as pi. */
  BigDecimal inexact(BigDecimal number) {
    return rounded(number, QUOTIENT_DIGITS);
  }

  private BigDecimal rounded(BigDecimal number, int toDigits) {
    digits = digits == EXACT ? toDigits : Math.min(digits, toDigits);
    return number;
  }

  /** The radians of an angle in degrees. */
  double fromDegrees(BigDecimal angle) {
    usedDegrees = true;
    return Math.toRadians(angle.remainder(BigDecimal.valueOf(360)).doubleValue());
  }

  /** The degrees of an angle in radians. */
  BigDecimal toDegrees(double angle) {
    usedDegrees = true;
    return ofDouble(Math.toDegrees(angle));
  }

  BigDecimal ofDouble(double number) {
    if (Double.isNaN(number)) {
      throw new Refusal("That has no real result.");
    }
    requireSize(Double.isInfinite(number) ? number : 0);
    return rounded(new BigDecimal(number, new MathContext(DOUBLE_DIGITS)), DOUBLE_DIGITS);
  }

  /** Refuses a number whose decimal logarithm is beyond {@link #MAX_DIGITS} either way. */
  private static void requireSize(double log) {
    if (Math.abs(log) > MAX_DIGITS) {
      throw new Refusal(
          log > 0
              ? Calculator.TOO_LARGE + "I work with numbers of up to 1,000 digits."
              : "The result is too close to zero for me to show.");
    }
  }

  /** The number, refused or cut where it has more digits than anybody needs. */
  static BigDecimal bounded(BigDecimal number) {
    requireSize(number.signum() == 0 ? 0 : (double) number.precision() - number.scale());
    boolean cut = number.scale() > 3 * MAX_DIGITS;
    return cut ? number.setScale(2 * MAX_DIGITS, RoundingMode.HALF_EVEN) : number;
  }

  /** Bounds what many roots, powers or factorials in one calculation may cost together. */
  private void spend(int cost) {
    work += cost;
    if (work > MAX_WORK) {
      throw new Refusal(Calculator.TOO_LARGE + "it has too many steps.");
    }
  }

  BigDecimal divide(BigDecimal a, BigDecimal b) {
    requireDivisor(b);
    BigDecimal quotient = a.divide(b, WORKING);
    return quotient.multiply(b).compareTo(a) == 0 ? quotient : inexact(quotient);
  }

  /** Has the sign of {@code b}: -7 mod 3 is 2. */
  BigDecimal modulo(BigDecimal a, BigDecimal b) {
    requireDivisor(b);
    BigDecimal remainder = a.remainder(b);
    return remainder.signum() * b.signum() < 0 ? remainder.add(b) : remainder;
  }

  private static void requireDivisor(BigDecimal number) {
    if (number.signum() == 0) {
      throw new Refusal("Division by zero has no result.");
    }
  }

  BigDecimal sqrt(BigDecimal a) {
    if (a.signum() < 0) {
      throw new Refusal("The square root of a negative number has no real result.");
    }
    spend(10);
    BigDecimal root = a.sqrt(WORKING);
    return root.multiply(root).compareTo(a) == 0 ? root : inexact(root);
  }

  BigDecimal factorial(BigDecimal a) {
    if (a.signum() < 0 || !isWhole(a)) {
      throw new Refusal("A factorial needs a whole number that is not negative.");
    }
    requireSize(a.doubleValue());
    spend(1 + a.intValueExact() / 10);
    BigDecimal product = BigDecimal.ONE;
    for (int i = 2; i <= a.intValueExact(); i++) {
      product = bounded(product.multiply(BigDecimal.valueOf(i)));
    }
    return product;
  }

  static boolean isWhole(BigDecimal a) {
    return a.remainder(BigDecimal.ONE).signum() == 0;
  }

  /** Exact for a whole exponent, as long as the result has a reasonable number of digits. */
  BigDecimal power(BigDecimal base, BigDecimal exponent) {
    if (base.signum() == 0 && exponent.signum() != 0) {
      return exponent.signum() < 0 ? divide(BigDecimal.ONE, base) : base;
    }
    boolean whole = isWhole(exponent);
    if (base.signum() < 0 && !whole) {
      throw new Refusal("A negative number to a power that is not whole has no real result.");
    }
    double size = base.signum() == 0 ? 0 : log10(base.abs()) * exponent.doubleValue();
    requireSize(size);
    if (exponent.compareTo(new BigDecimal("0.5")) == 0) {
      return sqrt(base);
    }
    spend(10);
    BigDecimal plain = base.stripTrailingZeros();
    int digitsEach = Math.max(plain.precision(), Math.abs(plain.scale()));
    if (whole && exponent.abs().doubleValue() * digitsEach <= 3.0 * MAX_DIGITS) {
      BigDecimal power = bounded(plain.pow(exponent.abs().intValueExact()));
      return exponent.signum() < 0 ? divide(BigDecimal.ONE, power) : power;
    }
    BigDecimal power = ofLog10(size);
    return base.signum() < 0 && exponent.toBigInteger().testBit(0) ? power.negate() : power;
  }

  /** 10 to the power of {@code log}. */
  BigDecimal ofLog10(double log) {
    requireSize(log);
    int whole = (int) Math.floor(log);
    BigDecimal leading = ofDouble(Math.pow(10, log - whole));
    return rounded(leading.scaleByPowerOfTen(whole), LARGE_POWER_DIGITS);
  }

  /** The decimal logarithm of a positive number of any size. */
  static double log10(BigDecimal positive) {
    double number = positive.doubleValue();
    if (number >= Double.MIN_NORMAL && number <= Double.MAX_VALUE) {
      return Math.log10(number);
    }
    int whole = positive.precision() - positive.scale() - 1;
    return whole + Math.log10(positive.scaleByPowerOfTen(-whole).doubleValue());
  }
}
