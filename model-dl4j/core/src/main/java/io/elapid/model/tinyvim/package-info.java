/**
 * TinyViM: a vision Mamba whose state-space mixer sees only the low frequencies of part of the
 * channels, while convolutions treat the rest (Ma, Ni, Chen, "TinyViM: Frequency Decoupling for
 * Tiny Hybrid Vision Mamba", ICCV 2025).
 */
package io.elapid.model.tinyvim;
