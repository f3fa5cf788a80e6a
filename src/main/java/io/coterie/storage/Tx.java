package io.coterie.storage;

/**
 * An open transaction: DAOs obtained here see and make its changes. Valid only inside the function
 * that got it.
 */
public interface Tx {
  /** The DAO of that type, bound to this transaction. */
  <D> D use(Class<D> dao);
}
