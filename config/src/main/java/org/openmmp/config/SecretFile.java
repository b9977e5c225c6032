package org.openmmp.config;

import java.nio.file.Path;

/**
 * A file that holds a key or password, or in which one is written as a setting.
 *
 * @param key the setting, such as {@code openmmp.tls.key}
 * @param file where the secret stands
 */
public record SecretFile(String key, Path file) {}
