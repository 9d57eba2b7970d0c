/* Plain mini-batch gradient descent of a multilayer perceptron in C: what a careful programmer writes in an afternoon.
 *
 * One sample at a time, forward and backward, with the functions of libm; compiled with -O3 -march=native and without
 * -ffast-math, so that its results can be compared. `ann_studio.bench.native` compiles and calls it.
 *
 * theta    layer by layer: one row of n_in weights for each unit, then the n_out biases
 * sizes    units of each of the layers + 1 layers, input first
 * hidden   0 tanh, 1 sigmoid, 2 relu
 * softmax  0: tanh output with half the squared error; 1: softmax with cross entropy
 * scratch  room for as many numbers as theta has, and twice for the units of all layers
 */
#include <math.h>
#include <stdint.h>

typedef int64_t whole;

static inline void activate(double *restrict a, whole units, int kind)
{
    if (kind == 0)
        for (whole j = 0; j < units; j++) a[j] = tanh(a[j]);
    else if (kind == 1)
        for (whole j = 0; j < units; j++) a[j] = 1 / (1 + exp(-a[j]));
    else
        for (whole j = 0; j < units; j++) a[j] = a[j] > 0 ? a[j] : 0;
}

/* delta *= f'(z), from a = f(z) */
static inline void times_slope(double *restrict delta, const double *restrict a, whole units, int kind)
{
    if (kind == 0)
        for (whole k = 0; k < units; k++) delta[k] *= 1 - a[k] * a[k];
    else if (kind == 1)
        for (whole k = 0; k < units; k++) delta[k] *= a[k] * (1 - a[k]);
    else
        for (whole k = 0; k < units; k++) delta[k] = a[k] > 0 ? delta[k] : 0;
}

/* z = w x + b */
static inline void weigh(const double *restrict w, const double *restrict x, double *restrict z, whole n_in, whole n_out)
{
    const double *b = w + n_in * n_out;
    for (whole j = 0; j < n_out; j++, w += n_in) {
        double sum = b[j];
        for (whole k = 0; k < n_in; k++) sum += w[k] * x[k];
        z[j] = sum;
    }
}

/* below = transposed w times delta */
static inline void weigh_back(const double *restrict w, const double *restrict delta, double *restrict below,
                              whole n_in, whole n_out)
{
    for (whole k = 0; k < n_in; k++) below[k] = 0;
    for (whole j = 0; j < n_out; j++, w += n_in)
        for (whole k = 0; k < n_in; k++) below[k] += w[k] * delta[j];
}

/* into += factor delta x, weights and biases alike */
static inline void accumulate(double *restrict into, const double *restrict delta, const double *restrict x,
                              double factor, whole n_in, whole n_out)
{
    double *b = into + n_in * n_out;
    for (whole j = 0; j < n_out; j++, into += n_in) {
        double scaled = factor * delta[j];
        for (whole k = 0; k < n_in; k++) into[k] += scaled * x[k];
        b[j] += scaled;
    }
}

/* from the output's z to its delta */
static inline void compare(const double *restrict z, const double *restrict y, double *restrict delta, whole units,
                           int softmax)
{
    if (!softmax) {
        for (whole j = 0; j < units; j++) {
            double a = tanh(z[j]);
            delta[j] = (a - y[j]) * (1 - a * a);
        }
        return;
    }
    double top = z[0], sum = 0;
    for (whole j = 1; j < units; j++) top = z[j] > top ? z[j] : top;
    for (whole j = 0; j < units; j++) sum += delta[j] = exp(z[j] - top);
    for (whole j = 0; j < units; j++) delta[j] = delta[j] / sum - y[j];
}

void train(double *restrict theta, double *restrict scratch, const whole *restrict sizes, whole layers, int hidden,
           int softmax, const double *restrict inputs, const double *restrict targets, whole samples, double rate,
           whole batch, whole epochs)
{
    whole parameters = 0, units = 0;
    for (whole l = 0; l <= layers; l++) units += sizes[l];
    for (whole l = 0; l < layers; l++) parameters += (sizes[l] + 1) * sizes[l + 1];
    double *gradient = scratch, *values = scratch + parameters, *deltas = values + units;
    whole outputs = sizes[layers];

    for (whole epoch = 0; epoch < epochs; epoch++)
        for (whole first = 0; first < samples; first += batch) {
            whole last = first + batch < samples ? first + batch : samples;
            double step = rate / (last - first);
            int alone = last - first == 1; /* then the update needs no gradient in between */
            if (!alone)
                for (whole i = 0; i < parameters; i++) gradient[i] = 0;
            for (whole i = first; i < last; i++) {
                double *w = theta, *a = values;
                const double *x = inputs + i * sizes[0];
                for (whole k = 0; k < sizes[0]; k++) a[k] = x[k];
                for (whole l = 0; l < layers; l++) {
                    weigh(w, a, a + sizes[l], sizes[l], sizes[l + 1]);
                    w += (sizes[l] + 1) * sizes[l + 1];
                    a += sizes[l];
                    if (l < layers - 1) activate(a, sizes[l + 1], hidden);
                }
                double *delta = deltas + (a - values);
                compare(a, targets + i * outputs, delta, outputs, softmax);
                for (whole l = layers - 1; l >= 0; l--) {
                    whole n_in = sizes[l], n_out = sizes[l + 1];
                    double *above = delta;
                    w -= (n_in + 1) * n_out;
                    a -= n_in;
                    delta -= n_in;
                    if (l > 0) {
                        weigh_back(w, above, delta, n_in, n_out);
                        times_slope(delta, a, n_in, hidden);
                    }
                    if (alone)
                        accumulate(w, above, a, -step, n_in, n_out);
                    else
                        accumulate(gradient + (w - theta), above, a, 1, n_in, n_out);
                }
            }
            if (!alone)
                for (whole i = 0; i < parameters; i++) theta[i] -= step * gradient[i];
        }
}
