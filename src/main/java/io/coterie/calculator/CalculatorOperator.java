package io.coterie.calculator;

import com.ezylang.evalex.EvaluationException;
import com.ezylang.evalex.Expression;
import com.ezylang.evalex.config.ExpressionConfiguration;
import com.ezylang.evalex.data.EvaluationValue;
import com.ezylang.evalex.operators.OperatorIfc;
import com.ezylang.evalex.parser.Token;

/** An operator of the calculator: where it stands, how tightly it binds, and what it does. */
record CalculatorOperator(
    OperatorType type, int precedence, boolean leftAssociative, boolean lazy, Body body)
    implements OperatorIfc {

  /** What an operator does. */
  @FunctionalInterface
  interface Body {
    EvaluationValue apply(Expression expression, EvaluationValue... operands)
        throws EvaluationException;
  }

  /** What an operator does that needs its operands' values alone. */
  @FunctionalInterface
  interface Values {
    EvaluationValue apply(EvaluationValue... operands);
  }

  /** What an operator does that looks at how its two operands were written. */
  @FunctionalInterface
  interface Unevaluated {
    EvaluationValue apply(Expression expression, EvaluationValue left, EvaluationValue right)
        throws EvaluationException;
  }

  static CalculatorOperator prefix(int precedence, Values values) {
    return new CalculatorOperator(
        OperatorType.PREFIX_OPERATOR, precedence, false, false, (e, x) -> values.apply(x));
  }

  static CalculatorOperator postfix(int precedence, Values values) {
    return new CalculatorOperator(
        OperatorType.POSTFIX_OPERATOR, precedence, true, false, (e, x) -> values.apply(x));
  }

  static CalculatorOperator infix(int precedence, Values values) {
    return new CalculatorOperator(
        OperatorType.INFIX_OPERATOR, precedence, true, false, (e, x) -> values.apply(x));
  }

  static CalculatorOperator right(int precedence, Values values) {
    return new CalculatorOperator(
        OperatorType.INFIX_OPERATOR, precedence, false, false, (e, x) -> values.apply(x));
  }

  static CalculatorOperator lazy(int precedence, Unevaluated operation) {
    return new CalculatorOperator(
        OperatorType.INFIX_OPERATOR,
        precedence,
        true,
        true,
        (e, x) -> operation.apply(e, x[0], x[1]));
  }

  @Override
  public int getPrecedence() {
    return precedence;
  }

  @Override
  public int getPrecedence(ExpressionConfiguration configuration) {
    return precedence;
  }

  @Override
  public boolean isLeftAssociative() {
    return leftAssociative;
  }

  @Override
  public boolean isPrefix() {
    return type == OperatorType.PREFIX_OPERATOR;
  }

  @Override
  public boolean isPostfix() {
    return type == OperatorType.POSTFIX_OPERATOR;
  }

  @Override
  public boolean isInfix() {
    return type == OperatorType.INFIX_OPERATOR;
  }

  @Override
  public boolean isOperandLazy() {
    return lazy;
  }

  @Override
  public EvaluationValue evaluate(Expression expression, Token token, EvaluationValue... operands)
      throws EvaluationException {
    return body.apply(expression, operands);
  }
}
