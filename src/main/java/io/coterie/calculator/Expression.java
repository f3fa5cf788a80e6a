package io.coterie.calculator;

import io.coterie.calculator.Calculator.Refusal;
import io.coterie.text.Texts;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Works an expression out while reading it, by recursive descent. For one calculation on one
 * thread.
 *
 * <pre>
 * sum     = term { ("+" | "-") term }
 * term    = factor { ("*" | "x" | "/" | "mod" | "%" | "off") factor | power }
 * factor  = unary { "of" unary }
 * unary   = { "+" | "-" | "double" | … } power
 * power   = postfix [ "^" unary ]
 * postfix = primary { "!" | "%" | part | count }
 * primary = "(" sum ")" | "√" primary | function "(" sum { "," sum } ")" | constant | number
 * number  = numeral [ "and" part ]
 * </pre>
 */
final class Expression {

  private static final BigDecimal PI =
      new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494");
  private static final BigDecimal E =
      new BigDecimal("2.71828182845904523536028747135266249775724709369995957496697");
  private static final Map<String, BigDecimal> CONSTANTS = Map.of("pi", PI, "π", PI, "e", E);
  private static final Map<String, Long> COUNTS =
      named(
          "pair 2 couple 2 dozen 12 score 20 gross 144 hundred 100 thousand 1000 million 1000000"
              + " billion 1000000000");
  private static final Map<String, Long> PARTS =
      named("half 2 third 3 quarter 4 fifth 5 sixth 6 seventh 7 eighth 8 ninth 9 tenth 10");
  private static final Map<String, Long> ONES =
      named(
          "zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11"
              + " twelve 12");
  private static final Map<String, Long> TIMES = named("double 2 twice 2 triple 3");

  private static final String COUNT = "(?:an?\\s+)?" + anyOf(COUNTS) + "s?\\b";
  private static final String PART = "(?:an?\\s+)?" + anyOf(PARTS) + "s?\\b";
  private static final String ONE = anyOf(ONES) + "\\b";
  private static final String MULTIPLE = anyOf(TIMES) + "\\b(?: of\\b)?";
  private static final String NAME = "\\p{L}[\\p{L}\\d_]*";
  private static final String PLAIN = "(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?0*(\\d+))?";
  private static final String GROUPED =
      "\\d{1,3}(?:(?:,\\d{3})+(?![\\d,])|(?:[ \u00a0\u2009\u202f]\\d{3})+(?!\\d))(?:\\.\\d+)?";
  private static final int MAX_EXPONENT_DIGITS = 4;

  /** What people write, and the sign of the grammar that it stands for. */
  private static final String[][] SIGNS = {
    {"[×·⋅∙✕✖]|\\b(?:multiplied by|times)\\b", "*"},
    {"[÷∕⁄]|\\bdivided by\\b", "/"},
    {"[−–—﹣－]|\\bminus\\b", "-"},
    {"\\bplus\\b", "+"},
    {"²|\\bsquared\\b", "^2"},
    {"³|\\bcubed\\b", "^3"},
    {"\\*\\*|\\b(?:raised )?to the power(?: of)?\\b", "^"},
    {"\\b(?:the )?(?:square root|sqrt|root) of\\b", "√"},
    {"\\bfactorial of\\b", "fact"},
    {"\\bfactorial\\b", "!"},
    {"°|(?<=\\d)\\s*deg(?:rees?)?\\b", ""},
    {"\\bper ?cent\\b", "%"},
  };

  /** Each pattern of this class, once it was needed. */
  private static final Map<String, Pattern> PATTERNS = new ConcurrentHashMap<>();

  private final Numbers numbers;
  private final String text;
  private final Matcher matcher;
  private int at;
  private int depth;
  private boolean inArguments;
  private boolean percentage;

  private Expression(String expression, Numbers numbers) {
    String signs = expression;
    for (String[] sign : SIGNS) {
      signs = pattern(sign[0]).matcher(signs).replaceAll(sign[1]);
    }
    this.numbers = numbers;
    this.text = signs;
    this.matcher = pattern("").matcher(signs).useTransparentBounds(true);
  }

  /**
   * The value of an expression, not yet rounded as {@link Numbers#shown} does.
   *
   * @throws Refusal if it has none
   */
  static BigDecimal evaluate(String text, Numbers numbers) {
    Expression expression = new Expression(text, numbers);
    BigDecimal value = expression.sum();
    expression.require("$");
    return value;
  }

  /** A percentage is one of the left side, unless that is a percentage too: 10% + 5% is 0.15. */
  private BigDecimal sum() {
    BigDecimal value = term();
    boolean percentages = percentage;
    while (sees("[+-]")) {
      boolean minus = accept("-") || !accept("\\+");
      BigDecimal next = term();
      if (percentage && !percentages) {
        next = Numbers.bounded(value.multiply(next));
      }
      percentages &= percentage;
      value = Numbers.bounded(minus ? value.subtract(next) : value.add(next));
    }
    percentage = percentages;
    return value;
  }

  private BigDecimal term() {
    BigDecimal value = factor();
    while (true) {
      if (percentage && accept("off\\b(?: of\\b)?")) {
        value = BigDecimal.ONE.subtract(value).multiply(factor());
      } else if (accept("\\*|x(?!\\p{L})")) {
        value = value.multiply(factor());
      } else if (accept("/")) {
        value = numbers.divide(value, factor());
      } else if (accept("%|mod\\b")) {
        value = numbers.modulo(value, factor());
      } else if (sees("[(√]") || isNamed()) {
        value = value.multiply(power());
      } else {
        return value;
      }
      value = Numbers.bounded(value);
      percentage = false;
    }
  }

  /** What is taken "of" something belongs together: 12 / half of 4 is 6. */
  private BigDecimal factor() {
    BigDecimal value = unary();
    while (accept("of\\b")) {
      value = Numbers.bounded(value.multiply(unary()));
      percentage = false;
    }
    return value;
  }

  private BigDecimal unary() {
    if (accept(MULTIPLE)) {
      BigDecimal multiple = value(TIMES);
      return Numbers.bounded(nested(this::unary).multiply(multiple));
    }
    boolean negative = false;
    while (sees("[+-]")) {
      negative ^= accept("-") || !accept("\\+");
    }
    BigDecimal value = sees(MULTIPLE) ? nested(this::unary) : power();
    return negative ? value.negate() : value;
  }

  private BigDecimal power() {
    BigDecimal base = postfix();
    if (!accept("\\^")) {
      return base;
    }
    BigDecimal exponent = nested(this::unary);
    percentage = false;
    return numbers.power(base, exponent);
  }

  private BigDecimal postfix() {
    boolean group = sees("\\(");
    BigDecimal value = primary();
    percentage &= group;
    while (true) {
      if (accept("!")) {
        value = numbers.factorial(value);
        percentage = false;
        // With an operand behind it, the sign asks for a remainder: 10 % 3.
      } else if (accept("%(?!\\s*(?!(?:off?|x|mod)\\b)[\\p{L}\\d(√.])")) {
        value = Numbers.bounded(value.movePointLeft(2));
        percentage = true;
      } else if (accept(PART)) {
        value = numbers.divide(value, value(PARTS));
      } else if (accept(COUNT)) {
        value = Numbers.bounded(value.multiply(value(COUNTS)));
      } else {
        return value;
      }
    }
  }

  private BigDecimal primary() {
    if (accept("\\(")) {
      return inParentheses(false).get(0);
    }
    if (accept("√")) {
      return numbers.sqrt(nested(this::primary));
    }
    if (!isNamed()) {
      return sees(PART) || sees(COUNT) ? BigDecimal.ONE : number();
    }
    String name = matcher.group().toLowerCase(Locale.ROOT);
    accept(NAME);
    if (CONSTANTS.containsKey(name)) {
      return numbers.inexact(CONSTANTS.get(name));
    }
    if (accept("\\(")) {
      return Functions.value(name, numbers, accept("\\)") ? List.of() : inParentheses(true));
    }
    if (!sees("[\\d.]")) {
      throw new Refusal(
          "`" + name + "` needs what it works on in parentheses, such as `" + name + "(2)`.");
    }
    return Functions.value(name, numbers, List.of(number()));
  }

  /** Whether a constant or a function comes next. */
  private boolean isNamed() {
    String name = sees(NAME) ? matcher.group().toLowerCase(Locale.ROOT) : "";
    return CONSTANTS.containsKey(name) || Functions.isKnown(name);
  }

  private List<BigDecimal> inParentheses(boolean separatedByCommas) {
    boolean outside = inArguments;
    inArguments = separatedByCommas;
    List<BigDecimal> values = new ArrayList<>();
    do {
      values.add(nested(this::sum));
    } while (separatedByCommas && accept(","));
    if (sees("$")) {
      throw new Refusal("A closing parenthesis is missing.");
    }
    require("\\)");
    inArguments = outside;
    return values;
  }

  private static Map<String, Long> named(String list) {
    String[] words = list.split(" ");
    Map<String, Long> named = new TreeMap<>();
    for (int i = 0; i < words.length; i += 2) {
      named.put(words[i], Long.valueOf(words[i + 1]));
    }
    return named;
  }

  private static String anyOf(Map<String, Long> words) {
    return "(" + String.join("|", words.keySet()) + ")";
  }

  /** The value of the word that was accepted last. */
  private BigDecimal value(Map<String, Long> words) {
    return BigDecimal.valueOf(words.get(matcher.group(1).toLowerCase(Locale.ROOT)));
  }

  private BigDecimal number() {
    BigDecimal number = numeral();
    boolean more = accept("and\\s+" + PART);
    return more ? number.add(numbers.divide(BigDecimal.ONE, value(PARTS))) : number;
  }

  private BigDecimal numeral() {
    if (accept("0x(\\p{XDigit}+)")) {
      return new BigDecimal(new BigInteger(matcher.group(1), 16));
    }
    if (accept(ONE)) {
      return value(ONES);
    }
    if (!accept(inArguments ? PLAIN : GROUPED + "|" + PLAIN)) {
      throw unexpected();
    }
    if (matcher.group(1) != null && matcher.group(1).length() > MAX_EXPONENT_DIGITS) {
      throw new Refusal(Calculator.TOO_LARGE + "an exponent may be at most 9,999 either way.");
    }
    BigDecimal number = new BigDecimal(matcher.group().replaceAll("[^\\d.eE+-]", ""));
    if (!inArguments && sees(",\\d")) {
      throw new Refusal(
          "Please write decimals with a point (1.5); a comma only separates thousands (1,500).");
    }
    return Numbers.bounded(number);
  }

  private BigDecimal nested(Supplier<BigDecimal> part) {
    if (++depth > Calculator.MAX_DEPTH) {
      throw new Refusal(
          Calculator.TOO_LARGE + "I take up to " + Calculator.MAX_DEPTH + " levels of nesting.");
    }
    BigDecimal value = part.get();
    depth--;
    return value;
  }

  private static Pattern pattern(String regex) {
    return PATTERNS.computeIfAbsent(regex, r -> Pattern.compile(r, Pattern.CASE_INSENSITIVE));
  }

  /** Whether this comes next; spaces before it do not matter. */
  private boolean sees(String regex) {
    matcher.region(at, text.length()).usePattern(pattern("\\s*+")).lookingAt();
    return matcher.region(matcher.end(), text.length()).usePattern(pattern(regex)).lookingAt();
  }

  private boolean accept(String regex) {
    boolean found = sees(regex);
    at = found ? matcher.end() : at;
    return found;
  }

  private void require(String regex) {
    if (!accept(regex)) {
      throw sees("\\)")
          ? new Refusal("There is a closing parenthesis without an opening one.")
          : unexpected();
    }
  }

  /** Says where the reading ended. */
  private Refusal unexpected() {
    if (text.chars().noneMatch(Character::isDigit)) {
      return new Refusal(Calculator.NOT_A_CALCULATION);
    }
    String rest = Texts.oneLine(text.substring(at).replace('`', '\''), 40);
    if (sees(NAME) && !sees(ONE + "|(?:x|off?|mod|and|an?)\\b")) {
      return new Refusal(
          "I do not know `"
              + rest.split("[^\\p{L}\\d_…]")[0]
              + "`. I work out arithmetic such as `12.5% of 80` or `3 dozen`, and know pi, e and"
              + " these functions: "
              + Functions.names()
              + ".");
    }
    String where = rest.isEmpty() ? "its end, where a number is missing." : "`" + rest + "`.";
    return new Refusal("I could not read that as a calculation at " + where);
  }
}
