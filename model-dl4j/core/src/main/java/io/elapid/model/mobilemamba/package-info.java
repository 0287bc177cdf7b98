/**
 * MobileMamba: three stages of blocks whose mixer splits the channels into a global part (a state
 * space and a wavelet convolution), a local part (depthwise convolutions) and a part that passes
 * (He et al., "MobileMamba: Lightweight Multi-Receptive Visual Mamba Network", CVPR 2025).
 */
package io.elapid.model.mobilemamba;
