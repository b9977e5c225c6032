package org.openmmp.config;

import java.time.Duration;

/**
 * Going down (rule B8.1): {@code openmmp.drain}.
 *
 * @param limit how long sessions may go on after the word to stop; zero: not at all
 */
public record DrainConfig(Duration limit) {}
