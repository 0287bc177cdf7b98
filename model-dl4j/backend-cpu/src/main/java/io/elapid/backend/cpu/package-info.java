/**
 * ND4J's CPU backend with an op executioner that knows Elapid's ops, and kernels on the JDK's
 * Vector API.
 */
package io.elapid.backend.cpu;
