//! Functions by what they do to columns.
//!
//! A name that isn't listed is a scalar function: its value is derived from its arguments.

/// Functions that make one value from the rows of a group.
const AGGREGATES: &[&str] = &[
    "any_value",
    "approx_count_distinct",
    "approx_percentile",
    "approx_percentile_accumulate",
    "approx_percentile_combine",
    "approx_quantile",
    "approx_quantiles",
    "approx_top_count",
    "approx_top_k",
    "approx_top_k_accumulate",
    "approx_top_k_combine",
    "approx_top_sum",
    "approximate_jaccard_index",
    "approximate_similarity",
    "arbitrary",
    "arg_max",
    "arg_max_null",
    "arg_min",
    "arg_min_null",
    "array_agg",
    "array_concat_agg",
    "array_union_agg",
    "array_unique_agg",
    "avg",
    "bit_and",
    "bit_and_agg",
    "bit_or",
    "bit_or_agg",
    "bit_xor",
    "bit_xor_agg",
    "bitand_agg",
    "bitmap_construct_agg",
    "bitmap_or_agg",
    "bitor_agg",
    "bitstring_agg",
    "bitxor_agg",
    "bool_and",
    "bool_or",
    "booland_agg",
    "boolor_agg",
    "boolxor_agg",
    "corr",
    "count",
    "count_if",
    "count_star",
    "countif",
    "covar_pop",
    "covar_samp",
    "entropy",
    "every",
    "favg",
    "first",
    "fsum",
    "geomean",
    "geometric_mean",
    "group_concat",
    "grouping",
    "grouping_id",
    "hash_agg",
    "histogram",
    "histogram_exact",
    "hll",
    "hll_accumulate",
    "hll_combine",
    "hll_count",
    "hll_export",
    "json_agg",
    "json_arrayagg",
    "json_group_array",
    "json_group_object",
    "json_group_structure",
    "json_object_agg",
    "json_objectagg",
    "jsonb_agg",
    "jsonb_object_agg",
    "kahan_sum",
    "kurtosis",
    "kurtosis_pop",
    "last",
    "list",
    "listagg",
    "logical_and",
    "logical_or",
    "mad",
    "max",
    "max_by",
    "mean",
    "median",
    "min",
    "min_by",
    "minhash",
    "minhash_combine",
    "mode",
    "object_agg",
    "percentile_cont",
    "percentile_disc",
    "product",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "range_agg",
    "regr_avgx",
    "regr_avgy",
    "regr_count",
    "regr_intercept",
    "regr_r2",
    "regr_slope",
    "regr_sxx",
    "regr_sxy",
    "regr_syy",
    "reservoir_quantile",
    "sem",
    "skew",
    "skewness",
    "st_centroid_agg",
    "st_collect",
    "st_extent",
    "st_union_agg",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "stdev",
    "string_agg",
    "sum",
    "sum_no_overflow",
    "sumkahan",
    "var_pop",
    "var_samp",
    "variance",
    "variance_pop",
    "variance_samp",
    "vector_avg",
    "vector_sum",
    "xmlagg",
];

/// Window functions whose value is nothing but a row's place among others.
const RANKINGS: &[&str] = &["cume_dist", "dense_rank", "ntile", "percent_rank", "rank", "rank_dense", "row_number"];

/// Functions behind `from` that make one column from their arguments and read nothing else.
const ONE_COLUMN: &[&str] = &["generate_series", "generate_subscripts", "range", "unnest"];

/// Those that make several.
const COLUMNS: &[&str] = &[
    "explode",
    "flatten",
    "json_array_elements",
    "json_array_elements_text",
    "json_each",
    "json_each_text",
    "json_object_keys",
    "json_table",
    "json_to_record",
    "json_to_recordset",
    "json_tree",
    "jsonb_array_elements",
    "jsonb_array_elements_text",
    "jsonb_each",
    "jsonb_each_text",
    "jsonb_object_keys",
    "jsonb_to_record",
    "jsonb_to_recordset",
    "posexplode",
    "regexp_matches",
    "regexp_split_to_table",
    "repeat",
    "repeat_row",
    "string_to_table",
];

/// What a function behind `from` gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// One column made from the arguments.
    Column,
    /// Columns made from the arguments.
    Columns,
    /// Rows that it may have from anywhere.
    Outside,
}

pub(super) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.binary_search(&name).is_ok()
}

pub(super) fn is_ranking(name: &str) -> bool {
    RANKINGS.binary_search(&name).is_ok()
}

pub(super) fn rows(name: &str) -> Rows {
    match () {
        () if ONE_COLUMN.binary_search(&name).is_ok() => Rows::Column,
        () if COLUMNS.binary_search(&name).is_ok() => Rows::Columns,
        () => Rows::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [AGGREGATES, RANKINGS, ONE_COLUMN, COLUMNS] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }
}
