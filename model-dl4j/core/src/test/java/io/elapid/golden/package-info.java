/**
 * Golden files of the published networks, and the deterministic filler that their weights and
 * inputs come from.
 */
package io.elapid.golden;
