// All ops in one include.
#pragma once

#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/attention.hpp"
#include "autograd/ops/attention_inputs.hpp"
#include "autograd/ops/attention_scores.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/join.hpp"
#include "autograd/ops/loss.hpp"
#include "autograd/ops/matmul.hpp"
#include "autograd/ops/optimizer_ops.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/ops/softmax.hpp"
#include "autograd/ops/sparse_ops.hpp"
