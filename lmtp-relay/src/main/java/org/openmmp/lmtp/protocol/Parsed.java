package org.openmmp.lmtp.protocol;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What became of an argument: a value, or the reply that refuses it.
 *
 * @param <T> the value's type
 * @param value null if it breaks the grammar, or asks for what is not offered
 * @param fault how it does; null if it was read
 */
public record Parsed<T>(@Nullable T value, @Nullable SyntaxFault fault) {
  /** The value of what was read. */
  static <T> Parsed<T> read(T value) {
    return new Parsed<>(value, null);
  }

  /** The refusal. */
  static <T> Parsed<T> refused(SyntaxFault fault) {
    return new Parsed<>(null, fault);
  }

  /** The same with another value, or the same refusal. */
  <U> Parsed<U> map(Function<T, U> change) {
    return value == null ? new Parsed<>(null, fault) : read(change.apply(value));
  }
}
