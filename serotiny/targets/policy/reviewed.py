"""What a config may name of a trusted package beside the classes of a kind: read one by one, and found to only compute."""

from __future__ import annotations

from typing import Final

_ENUMERATIONS: Final = {
    "torchvision.transforms.autoaugment.AutoAugmentPolicy": "CIFAR10 IMAGENET SVHN",
    "torchvision.transforms.functional.InterpolationMode": "BICUBIC BILINEAR BOX HAMMING LANCZOS NEAREST NEAREST_EXACT",
}
"""Enumerations, with the names of their members."""

_WORDS: Final = {
    # values of Python that YAML cannot write
    "builtins": "bool complex dict float frozenset int list range set slice str tuple",
    "collections": "OrderedDict",
    "datetime": "timedelta",
    "functools": "partial",
    "math": "atan ceil cos erf exp expm1 fabs floor log log10 log1p log2 sin sqrt tan tanh",
    # not those that take a name, of which `attrgetter` and `methodcaller` reach anything
    "operator": """
        abs add and_ eq floordiv ge gt itemgetter le lt matmul mod mul ne neg not_ or_ pos pow sub truediv truth xor""",
    "pathlib": "Path PurePath PurePosixPath PosixPath",
    # tensors: makers and operations; `torch.load`, `torch.from_file`, `torch.compile` are none of them
    "torch": """
        Generator Size abs acos add amax amin any all angle arange argmax argmin asin atan atan2 atleast_1d atleast_2d
        atleast_3d avg_pool1d bernoulli bincount block_diag bmm broadcast_tensors bucketize cartesian_prod cat cdist ceil
        celu clamp clip clone complex concat concatenate conj conv1d conv2d conv3d conv_transpose1d conv_transpose2d
        conv_transpose3d cos cosh cosine_similarity count_nonzero cross cummax cummin cumprod cumsum deg2rad det device diag
        diagonal diff dist div dot dropout dtype einsum empty empty_like eq erf erfc exp exp2 expand_copy expm1 eye finfo
        flatten flip fliplr flipud float_power floor fmod frac full full_like gather ge ger gradient gt hann_window
        hamming_window heaviside histc hstack hypot iinfo imag inner inverse isclose isfinite isinf isnan kron layout
        leaky_relu_ le lerp lgamma linspace log log10 log1p log2 log_softmax logaddexp logcumsumexp logical_and logical_not
        logical_or logical_xor logit logspace logsumexp lt manual_seed masked_fill masked_select matmul max maximum mean
        median memory_format meshgrid min minimum mm mode movedim mul multinomial mv nan_to_num nanmean nanmedian nansum
        narrow ne neg negative norm normal numel ones ones_like outer pairwise_distance permute pinverse poisson
        polar pow prelu prod quantile rad2deg rand rand_like randint randn randn_like randperm ravel real reciprocal
        relu relu_ remainder repeat_interleave reshape roll rot90 round rrelu rsqrt rsub scalar_tensor scatter
        searchsorted selu sigmoid sign sin sinc sinh softmax sort sparse_coo_tensor split sqrt square squeeze stack std
        std_mean sub subtract sum svd t take tan tanh tensor tensordot threshold tile topk trace transpose trapezoid
        tril triu true_divide trunc unbind unflatten unique unsqueeze var var_mean vdot vstack where xlogy zeros zeros_like
        as_tensor from_numpy get_default_dtype addmm baddbmm corrcoef cov stft istft
        set_float32_matmul_precision
        BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor
        ShortTensor""",
    # since Neptune is no more it says so, and is no logger
    "lightning.pytorch.loggers.neptune": "NeptuneLogger",
    "pytorch_lightning.loggers.neptune": "NeptuneLogger",
    "timm.data.transforms_factory": "create_transform",
    "torch.distributed.fsdp.api": "BackwardPrefetch CPUOffload MixedPrecision ShardingStrategy StateDictType",
    "torch.distributed.fsdp._fully_shard._fsdp_api": "CPUOffloadPolicy MixedPrecisionPolicy OffloadPolicy",
    "torch.fft": """
        fft fft2 fftfreq fftn fftshift hfft hfft2 hfftn ifft ifft2 ifftn ifftshift ihfft ihfft2 ihfftn irfft irfft2 irfftn
        rfft rfft2 rfftfreq rfftn""",
    "torch.linalg": """
        cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq lu matmul matrix_exp matrix_norm matrix_power
        matrix_rank multi_dot norm pinv qr slogdet solve svd svdvals vander vecdot vector_norm""",
    "torch.nn.functional": """
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
        adaptive_max_pool3d affine_grid alpha_dropout avg_pool1d avg_pool2d avg_pool3d batch_norm bilinear
        binary_cross_entropy binary_cross_entropy_with_logits celu celu_ channel_shuffle conv1d conv2d conv3d conv_tbc
        conv_transpose1d conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity cross_entropy ctc_loss
        dropout dropout1d dropout2d dropout3d elu elu_ embedding embedding_bag feature_alpha_dropout fold
        fractional_max_pool2d fractional_max_pool3d gaussian_nll_loss gelu glu grid_sample group_norm gumbel_softmax
        hardshrink hardsigmoid hardswish hardtanh hardtanh_ hinge_embedding_loss huber_loss instance_norm interpolate kl_div
        l1_loss layer_norm leaky_relu leaky_relu_ linear local_response_norm log_softmax logsigmoid lp_pool1d lp_pool2d
        lp_pool3d margin_ranking_loss max_pool1d max_pool2d max_pool3d max_unpool1d max_unpool2d max_unpool3d mish mse_loss
        multi_head_attention_forward multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss nll_loss normalize
        one_hot pad pairwise_distance pdist pixel_shuffle pixel_unshuffle poisson_nll_loss prelu relu relu6 relu_ rms_norm
        rrelu rrelu_ scaled_dot_product_attention selu selu_ sigmoid silu smooth_l1_loss soft_margin_loss softmax softmin
        softplus softshrink softsign tanh tanhshrink threshold threshold_ triplet_margin_loss
        triplet_margin_with_distance_loss unfold upsample upsample_bilinear upsample_nearest""",
    "torch.nn.init": """
        calculate_gain constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_
        trunc_normal_ uniform_ xavier_normal_ xavier_uniform_ zeros_""",
    "torch.nn.modules.sparse": "Embedding.from_pretrained EmbeddingBag.from_pretrained",
    "torch.nn.utils.clip_grad": "clip_grad_norm_ clip_grad_value_",
    "torch.nn.utils.parametrizations": "orthogonal spectral_norm weight_norm",
    "torch.nn.utils.rnn": "pack_padded_sequence pack_sequence pad_packed_sequence pad_sequence unpad_sequence",
    "torch.nn.utils.spectral_norm": "spectral_norm",
    "torch.nn.utils.weight_norm": "weight_norm",
    "torch.optim.swa_utils": "get_ema_avg_fn get_ema_multi_avg_fn get_swa_avg_fn get_swa_multi_avg_fn",
    "torch.profiler.profiler": "schedule",
    "torch.random": "manual_seed",
    "torch.special": """
        digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc gammaln i0 i0e i1 i1e log1p log_ndtr
        log_softmax logit logsumexp multigammaln ndtr ndtri polygamma psi round sinc softmax xlog1py xlogy zeta""",
    "torch.utils.data._utils.collate": "default_collate default_convert",
    "torch.utils.data.dataset": "random_split",
    # the colours of a progress bar, which are only kept
    "lightning.pytorch.callbacks.progress.rich_progress": "RichProgressBarTheme",
    "pytorch_lightning.callbacks.progress.rich_progress": "RichProgressBarTheme",
    # sets the seeds of Python, NumPy and torch, as the root key `seed` does
    "lightning_fabric.utilities.seed": "seed_everything",
    "lightning.fabric.utilities.seed": "seed_everything",
    "numpy": """
        abs absolute arange array asarray bool_ ceil clip concatenate cos cosh deg2rad diag empty exp expm1 eye float16
        float32 float64 floor full geomspace hstack identity int16 int32 int64 int8 linspace log log10 log1p log2 logspace
        max maximum mean median min minimum ones power prod rad2deg repeat reshape rint round sign sin sinh sqrt square
        stack std sum tan tanh tile uint16 uint32 uint64 uint8 var vstack zeros""",
    "numpy.random": "default_rng",
    # of models with the weights that their name has in torchvision itself
    "torchvision.models._api": "get_model get_weight get_model_weights",
    **{path.rpartition(".")[0]: path.rpartition(".")[2] for path in _ENUMERATIONS},
}

_HOMES: Final = (
    # where compiled functions are defined, and the name by which they are known
    ("torch._C._VariableFunctions.", "torch."),
    ("torch._VariableFunctionsClass.", "torch."),
    ("torch._C._nn.", "torch.nn.functional."),
    ("torch._C._linalg.", "torch.linalg."),
    ("torch._C._fft.", "torch.fft."),
    ("torch._C._special.", "torch.special."),
    ("torch._C.", "torch."),
    ("torch.functional.", "torch."),
    ("numpy._core.multiarray.", "numpy."),
    ("numpy._core.numeric.", "numpy."),
    ("numpy._core.fromnumeric.", "numpy."),
    ("numpy._core.function_base.", "numpy."),
    ("numpy._core.shape_base.", "numpy."),
    ("numpy._core.umath.", "numpy."),
    ("numpy._core.", "numpy."),
    ("numpy.lib._function_base_impl.", "numpy."),
    ("numpy.lib._twodim_base_impl.", "numpy."),
    ("numpy.lib._shape_base_impl.", "numpy."),
    ("numpy.random._generator.", "numpy.random."),
    ("_datetime.", "datetime."),
    ("_functools.", "functools."),
    ("_operator.", "operator."),
)

_VALUES: Final = frozenset(
    f"torch.{name}"
    for name in [
        "bfloat16",
        "bool",
        "cdouble",
        "cfloat",
        "chalf",
        "channels_last",
        "channels_last_3d",
        "complex128",
        "complex32",
        "complex64",
        "contiguous_format",
        "double",
        "float",
        "float16",
        "float32",
        "float64",
        "float8_e4m3fn",
        "float8_e5m2",
        "half",
        "int",
        "int16",
        "int32",
        "int64",
        "int8",
        "long",
        "preserve_format",
        "short",
        "sparse_bsc",
        "sparse_bsr",
        "sparse_coo",
        "sparse_csc",
        "sparse_csr",
        "strided",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
    ]
) | {f"{path}.{member}" for path, members in _ENUMERATIONS.items() for member in members.split()}
"""Constants: types of numbers, layouts and formats of memory of torch, and members of enumerations."""

REVIEWED: Final = _VALUES | {f"{module}.{name}" for module, names in _WORDS.items() for name in names.split()}
"""Dotted paths, by the names under which they are known."""

REVIEWED_NAMESPACES: Final = (
    # functions of tensors; those that fetch a model are refused by name
    "torchmetrics.functional.",
    # each gives a model; weights come from the fixed addresses that torchvision holds
    "torchvision.models.",
    "torchvision.transforms.functional.",
    "torchvision.transforms.v2.functional.",
    "torchaudio.functional.",
)


EXCEPTED: Final = frozenset(
    {
        # take the name of a model on a hub, and load whatever lies there
        "torchmetrics.functional.multimodal.clip_iqa.clip_image_quality_assessment",
        "torchmetrics.functional.multimodal.clip_score.clip_score",
        "torchmetrics.functional.text.bert.bert_score",
        "torchmetrics.functional.text.infolm.infolm",
        "torchmetrics.multimodal.clip_iqa.CLIPImageQualityAssessment",
        "torchmetrics.multimodal.clip_score.CLIPScore",
        "torchmetrics.text.bert.BERTScore",
        "torchmetrics.text.infolm.InfoLM",
    }
)
"""What would pass by its kind or place, and may be named only when a project allows it by name."""


def public_path(path: str) -> str:
    """The path by which a compiled or re-exported function is known."""
    for home, public in _HOMES:
        name = path.removeprefix(home)
        if name != path and "." not in name:
            return public + name
    return path


def is_reviewed(canonical: str) -> bool:
    """Whether a function or value was read and found to only compute."""
    path = public_path(canonical)
    if path in EXCEPTED:
        return False
    return path in REVIEWED or (
        path.startswith(REVIEWED_NAMESPACES) and not any(part.startswith("_") for part in path.split("."))
    )


def is_plain_value(canonical: str) -> bool:
    """Whether a path is that of a constant, which is handed on and cannot be called."""
    return public_path(canonical) in _VALUES
