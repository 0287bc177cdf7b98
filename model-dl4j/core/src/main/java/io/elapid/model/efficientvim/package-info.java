/**
 * EfficientViM: a vision Mamba whose state-space mixer works on a few hidden states instead of on
 * all positions (Lee, Choi and Kim, "EfficientViM: Efficient Vision Mamba with Hidden State Mixer
 * based State Space Duality", CVPR 2025).
 */
package io.elapid.model.efficientvim;
