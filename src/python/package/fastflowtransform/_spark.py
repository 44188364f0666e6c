"""Spark's DataFrames in the session that the host has lent for one job: rows stay where the server is."""
import importlib.machinery
import logging
import sys

from fastflowtransform import _tables
from fastflowtransform._failure import Refused
from fastflowtransform._tables import check_names

ALLOWED = f"a DataFrame of Spark's, {_tables.ALLOWED}"


class Input:
    """One dependency's rows."""

    def __init__(self, given, session):
        self.name = given["name"]
        self._frame = session.sql(given["query"])

    @property
    def columns(self):
        return self._frame.columns

    def hand_over(self, annotation):
        return self._frame

    def types(self):
        return {}


class Lent:
    """The host's session of the server, which stays open."""

    def __init__(self, lent):
        # Spark's client takes a main module that comes from nowhere for a test of its own documentation.
        main = sys.modules["__main__"]
        main.__spec__ = main.__spec__ or importlib.machinery.ModuleSpec("__main__", None)
        from pyspark.sql import SparkSession

        # It writes down each error that it raises, with all of the server's stack.
        logging.getLogger("DataFrameQueryContextLogger").disabled = True
        self._view = lent["view"]
        self._session = SparkSession.builder.remote(lent["address"]).create()
        # Who stops it, the model or this class, stops what Python has of it, and not the host's.
        self._session.release_session_on_close = False

    def sql(self, query):
        return self._session.sql(query)

    def keep(self, result):
        """Leaves what a model gave as a view of the session, for the host to read; None of what is no DataFrame of
        Spark's."""
        from pyspark.sql.connect.dataframe import DataFrame

        if not isinstance(result, DataFrame):
            return None
        if result.sparkSession.session_id != self._session.session_id:
            raise Refused("the model gives a DataFrame of a Spark session of its own, which fft can't reach: make it from "
                          "`SparkSession.getActiveSession()` or from the model's inputs")
        columns = result.columns
        check_names(columns)
        result.createOrReplaceTempView(self._view)
        return {"format": "view", "columns": columns}

    def close(self):
        self._session.stop()
