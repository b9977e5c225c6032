package org.openmmp.lmtp.protocol;

import java.util.function.Function;

/**
 * What became of an argument: a value, or the reply that refuses it.
 *
 * @param <T> the value's type
 */
public sealed interface Parsed<T> permits Parsed.Read, Parsed.Refused {
  /** It was read. */
  record Read<T>(T value) implements Parsed<T> {}

  /** It breaks the grammar, or asks for what is not offered. */
  record Refused<T>(SyntaxFault fault) implements Parsed<T> {}

  /** The value of what was read. */
  static <T> Parsed<T> read(T value) {
    return new Read<>(value);
  }

  /** The refusal. */
  static <T> Parsed<T> refused(SyntaxFault fault) {
    return new Refused<>(fault);
  }

  /** The same with another value, or the same refusal. */
  default <U> Parsed<U> map(Function<T, U> change) {
    if (this instanceof Read<T> read) {
      return read(change.apply(read.value()));
    }
    return refused(((Refused<T>) this).fault());
  }
}
