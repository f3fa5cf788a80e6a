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

  /** What {@link #digits} says of a result that was never rounded. */
  static final int EXACT = Integer.MAX_VALUE;

  static final int QUOTIENT_DIGITS = 20;

  private static final int MAX_WORK = 2_000;
  private static final int DOUBLE_DIGITS = 14;
  private static final int LARGE_POWER_DIGITS = 10;
  private static final MathContext WORKING = new MathContext(60, RoundingMode.HALF_EVEN);

  private int digits = EXACT;
  private int work;
  private boolean usedDegrees;

  /** To how many significant digits the result is good, or {@link #EXACT}. */
  int digits() {
    return digits;
  }

  /** Whether an angle was read or given in degrees. */
  boolean usedDegrees() {
    return usedDegrees;
  }

  static Refusal tooLarge() {
    return new Refusal(
        "That calculation is too large for me: I work with numbers of up to 1,000 digits.");
  }

  static BigDecimal bounded(BigDecimal number) {
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
