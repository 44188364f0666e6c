(window.fftData??={})["parts-20261108T063700Z-006f"]=JSON.parse('{"parts":[],"nodes":{}}');
